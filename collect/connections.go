package collect

import (
	"net"
	"net/netip"
	"slices"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// boundedListener closes connections past a number in all, or of one client, at once: waiting for a free place would let
// those who hold them shut out everybody else. Proxies that are trusted speak for many clients: only the number in all
// bounds theirs.
type boundedListener struct {
	net.Listener
	all, each int // 0 for no bound
	trusted   []netip.Prefix
	refused   prometheus.Counter

	mu       sync.Mutex
	open     int
	byClient map[netip.Addr]int
}

func (s *Server) bounded(l net.Listener) net.Listener {
	return &boundedListener{
		Listener: l, all: s.MaxConnections, each: s.MaxConnectionsPerClient, trusted: s.TrustedProxies, refused: s.metrics.refused,
		byClient: map[netip.Addr]int{},
	}
}

// Accept implements net.Listener.
func (l *boundedListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		client, known := l.clientOf(conn)
		if l.enter(client, known) {
			return &boundedConn{Conn: conn, leave: sync.OnceFunc(func() { l.leave(client, known) })}, nil
		}
		l.refused.Inc()
		_ = conn.Close()
	}
}

// clientOf says whose connection it is: of an address, or of an IPv6 /64; not known where it is a trusted proxy's.
func (l *boundedListener) clientOf(conn net.Conn) (client netip.Addr, known bool) {
	port, err := netip.ParseAddrPort(conn.RemoteAddr().String())
	if err != nil {
		return netip.Addr{}, false
	}
	addr := port.Addr().Unmap().WithZone("")
	if slices.ContainsFunc(l.trusted, func(p netip.Prefix) bool { return p.Contains(addr) }) {
		return netip.Addr{}, false
	}
	return networkOf(addr, 32, 64), true
}

func (l *boundedListener) enter(client netip.Addr, known bool) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all > 0 && l.open >= l.all || known && l.each > 0 && l.byClient[client] >= l.each {
		return false
	}
	l.open++
	if known {
		l.byClient[client]++
	}
	return true
}

func (l *boundedListener) leave(client netip.Addr, known bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open--
	if !known {
		return
	}
	if l.byClient[client]--; l.byClient[client] == 0 {
		delete(l.byClient, client)
	}
}

type boundedConn struct {
	net.Conn
	leave func()
}

// Close implements net.Conn.
func (c *boundedConn) Close() error {
	defer c.leave()
	return c.Conn.Close()
}
