package collect

import (
	"math"
	"net/netip"
	"sync"
	"time"
)

// maxBuckets bounds the limiter's memory; past it the buckets that are full again are forgotten, else all.
const maxBuckets = 100_000

// limiter lets each client (an IPv4 address, or an IPv6 /64, of which a household has one) make rate requests a second
// in the long run, and burst at once: a token bucket a client.
type limiter struct {
	rate, burst float64
	now         func() time.Time

	mu      sync.Mutex
	buckets map[netip.Addr]bucket
}

type bucket struct {
	tokens float64
	at     time.Time
}

func newLimiter(rate, burst float64, now func() time.Time) *limiter {
	return &limiter{rate: rate, burst: max(burst, 1), now: now, buckets: map[netip.Addr]bucket{}}
}

// allow takes a token; where there is none it says after how many whole seconds there will be one.
func (l *limiter) allow(addr netip.Addr) (ok bool, retryAfter int) {
	if l.rate <= 0 {
		return true, 0
	}
	key := networkOf(addr, 32, 64)
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	b, known := l.buckets[key]
	if !known {
		l.makeRoom(now)
		b = bucket{l.burst, now}
	}
	b = l.filled(b, now)
	if b.tokens < 1 {
		l.buckets[key] = b
		return false, int(math.Ceil((1 - b.tokens) / l.rate))
	}
	b.tokens--
	l.buckets[key] = b
	return true, 0
}

func (l *limiter) filled(b bucket, now time.Time) bucket {
	elapsed := max(now.Sub(b.at).Seconds(), 0) // a clock that was set back gives nothing
	return bucket{min(b.tokens+elapsed*l.rate, l.burst), now}
}

func (l *limiter) makeRoom(now time.Time) {
	if len(l.buckets) < maxBuckets {
		return
	}
	for key, b := range l.buckets {
		if l.filled(b, now).tokens >= l.burst {
			delete(l.buckets, key)
		}
	}
	if len(l.buckets) >= maxBuckets {
		clear(l.buckets)
	}
}
