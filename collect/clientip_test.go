package collect

import (
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	"github.com/divinedevops/probe/collect/store/storetest"
)

func TestRateLimit(t *testing.T) {
	t.Parallel()
	now := storetest.Time
	s := NewServer(Options{Sink: &memory{}, Rate: 0.5, Burst: 2, Now: func() time.Time { return now }})
	for i, want := range []int{201, 201, 429} {
		if w := post(s, minimal); w.Code != want {
			t.Errorf("request %d: %d", i, w.Code)
		}
	}
	if w := post(s, minimal); w.Header().Get("Retry-After") != "2" {
		t.Errorf("Retry-After %q", w.Header().Get("Retry-After"))
	}
	// Nobody escapes by writing X-Forwarded-For.
	if w := post(s, minimal, "X-Forwarded-For", "203.0.113.9"); w.Code != 429 {
		t.Errorf("with a made-up address: %d", w.Code)
	}
	now = now.Add(2 * time.Second)
	if w := post(s, minimal); w.Code != 201 {
		t.Errorf("after the wait: %d", w.Code)
	}
	now = now.Add(-time.Hour) // a clock set back does not block for an hour
	post(s, minimal)
	now = now.Add(2 * time.Second)
	if w := post(s, minimal); w.Code != 201 {
		t.Errorf("after the clock was set back: %d", w.Code)
	}
	l := newLimiter(1, 1, func() time.Time { return now })
	if ok, _ := l.allow(netip.MustParseAddr("2001:db8:1:2::1")); !ok {
		t.Error("first of a /64")
	}
	if ok, _ := l.allow(netip.MustParseAddr("2001:db8:1:2:ffff::1")); ok {
		t.Error("a /64 counts as one client")
	}
	for i := range maxBuckets + 10 {
		l.allow(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}))
	}
	if len(l.buckets) > maxBuckets {
		t.Errorf("%d buckets", len(l.buckets))
	}
}

func TestClientAddress(t *testing.T) {
	t.Parallel()
	trusted, err := ParseProxies([]string{"10.0.0.0/8", "192.0.2.1", "2001:db8::/32"})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		remote, forwarded, want string
	}{
		{"198.51.100.7:1", "", "198.51.100.7"},
		{"198.51.100.7:1", "203.0.113.9", "198.51.100.7"}, // not a proxy of ours
		{"10.1.1.1:1", "203.0.113.9", "203.0.113.9"},
		{"10.1.1.1:1", "1.1.1.1, 203.0.113.9", "203.0.113.9"},             // what the client wrote stands before
		{"10.1.1.1:1", "203.0.113.9, 192.0.2.1, 10.9.9.9", "203.0.113.9"}, // through three proxies
		{"10.1.1.1:1", "203.0.113.9:55", "203.0.113.9"},
		{"10.1.1.1:1", "garbage", "10.1.1.1"},
		{"10.1.1.1:1", "203.0.113.9, garbage", "10.1.1.1"},
		{"10.1.1.1:1", "10.2.2.2", "10.2.2.2"},
		{"[2001:db8::1]:1", "[2001:0db9::5]:80", "2001:db9::5"},
		{"[::ffff:198.51.100.7]:1", "", "198.51.100.7"},
	} {
		r := httptest.NewRequest("POST", "/", nil)
		r.RemoteAddr = test.remote
		if test.forwarded != "" {
			r.Header.Set("X-Forwarded-For", test.forwarded)
		}
		if got := clientAddr(r, trusted).String(); got != test.want {
			t.Errorf("%s, forwarded for %q: %s, want %s", test.remote, test.forwarded, got, test.want)
		}
	}
	if _, err := ParseProxies([]string{"everyone"}); err == nil {
		t.Error("taken for a network")
	}
}

func TestIPModes(t *testing.T) {
	t.Parallel()
	for mode, want := range map[string][2]string{
		"store":    {"198.51.100.7", "2001:db8:1:2:3::4"},
		"truncate": {"198.51.100.0", "2001:db8:1::"},
		"drop":     {"", ""},
	} {
		m, err := ParseIPMode(mode)
		if err != nil {
			t.Fatal(err)
		}
		got := [2]string{m.keep(netip.MustParseAddr("198.51.100.7")), m.keep(netip.MustParseAddr("2001:db8:1:2:3::4"))}
		if got != want {
			t.Errorf("%s: %v, want %v", mode, got, want)
		}
	}
	if _, err := ParseIPMode("sell"); err == nil {
		t.Error("taken for a mode")
	}
}

// Networks are kept as hashes: one a network, another with another key, and no address to be read.
func TestNetworksAreHashed(t *testing.T) {
	t.Parallel()
	stored := func(key, address string) string {
		m := &memory{}
		s := NewServer(Options{Sink: m, NetworkKey: []byte(key), TrustedProxies: []netip.Prefix{netip.MustParsePrefix("198.51.100.7/32")}})
		if w := post(s, minimal, "X-Forwarded-For", address); w.Code != 201 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		return m.records[0].Network
	}
	one := stored("key", "203.0.113.9")
	if len(one) != 16 || one != stored("key", "203.0.113.77") || one == stored("key", "203.0.114.9") || one == stored("other", "203.0.113.9") {
		t.Errorf("hash %q", one)
	}
	if six := stored("key", "2001:db8:1:2::1"); six != stored("key", "2001:db8:1:3::1") || six == stored("key", "2001:db8:2::1") {
		t.Errorf("hash of IPv6 %q", six)
	}
	if none := stored("", "203.0.113.9"); none != "" {
		t.Errorf("without a key %q", none)
	}
}
