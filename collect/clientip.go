package collect

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// IPMode says what is kept of a sender's address.
type IPMode string

// The modes. Truncated addresses name a network (/24, or /48 of IPv6), as is customary.
const (
	IPStore    IPMode = "store"
	IPTruncate IPMode = "truncate"
	IPDrop     IPMode = "drop"
)

// ParseIPMode reads a mode by its name.
func ParseIPMode(s string) (IPMode, error) {
	switch m := IPMode(s); m {
	case IPStore, IPTruncate, IPDrop:
		return m, nil
	}
	return "", fmt.Errorf("ip: expected store, truncate or drop, found %q", s)
}

// keep gives what is stored of an address.
func (m IPMode) keep(addr netip.Addr) string {
	if m == IPDrop || !addr.IsValid() {
		return ""
	}
	if m == IPStore {
		return addr.String()
	}
	return networkOf(addr, 24, 48).String()
}

// hashNetwork stands for an address's network (/24, or /48 of IPv6): networks can be counted, but not read without the
// key. "" where there is no key or no address.
func hashNetwork(key []byte, addr netip.Addr) string {
	if len(key) == 0 || !addr.IsValid() {
		return ""
	}
	mac := hmac.New(sha256.New, key)
	_, _ = mac.Write([]byte(networkOf(addr, 24, 48).String())) // never fails
	return hex.EncodeToString(mac.Sum(nil)[:8])
}

func networkOf(addr netip.Addr, bits4, bits6 int) netip.Addr {
	bits := bits6
	if addr.Is4() {
		bits = bits4
	}
	prefix, err := addr.Prefix(bits)
	if err != nil {
		return addr
	}
	return prefix.Addr()
}

// ParseProxies reads networks (or single addresses) whose X-Forwarded-For is believed.
func ParseProxies(list []string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, s := range list {
		prefix, err := netip.ParsePrefix(s)
		if err != nil {
			addr, addrErr := netip.ParseAddr(s)
			if addrErr != nil {
				return nil, fmt.Errorf("trusted proxy: expected a network such as 10.0.0.0/8 or an address, found %q", s)
			}
			prefix = netip.PrefixFrom(addr, addr.BitLen())
		}
		out = append(out, prefix.Masked())
	}
	return out, nil
}

// clientAddr is the address that a request comes from: the socket's, unless that is a trusted proxy's. Then the last
// entry of X-Forwarded-For that is not itself a trusted proxy: what stands before it anybody may have written.
func clientAddr(r *http.Request, trusted []netip.Prefix) netip.Addr {
	port, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	addr := port.Addr().Unmap().WithZone("")
	isTrusted := func(a netip.Addr) bool {
		return slices.ContainsFunc(trusted, func(p netip.Prefix) bool { return p.Contains(a) })
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && isTrusted(addr); i-- {
		hop, err := parseHop(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		addr = hop
	}
	return addr
}

// parseHop reads an address, with a port or without.
func parseHop(s string) (netip.Addr, error) {
	if port, err := netip.ParseAddrPort(s); err == nil {
		return port.Addr().Unmap().WithZone(""), nil
	}
	addr, err := netip.ParseAddr(strings.Trim(s, "[]"))
	return addr.Unmap().WithZone(""), err
}
