package collect

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// serveOn serves on a free port of this machine until the test ends.
func serveOn(t *testing.T, o Options) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- NewServer(o).Serve(ctx, listener, "", "", time.Second) }()
	t.Cleanup(func() {
		stop()
		<-served
	})
	return listener.Addr().String()
}

// keepAlive makes a request on a connection and leaves it open; false if the connection was closed without an answer.
func keepAlive(t *testing.T, address string) (net.Conn, bool) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_, _ = io.WriteString(conn, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return conn, false
	}
	_ = resp.Body.Close()
	return conn, resp.StatusCode == http.StatusOK
}

// Idle connections past the bound are closed at once; a place that gets free is given again.
func TestConnectionsAreBounded(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Options){
		"in all":     func(o *Options) { o.MaxConnections = 3 },
		"per client": func(o *Options) { o.MaxConnectionsPerClient = 3 },
		"of a proxy": func(o *Options) {
			o.MaxConnections, o.MaxConnectionsPerClient = 3, 1
			o.TrustedProxies, _ = ParseProxies([]string{"127.0.0.0/8"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := with(&memory{})
			change(&o)
			address := serveOn(t, o)
			var first net.Conn
			for i := range 3 {
				conn, ok := keepAlive(t, address)
				if !ok {
					t.Fatalf("connection %d was closed", i)
				}
				if i == 0 {
					first = conn
				}
			}
			for range 5 {
				if _, ok := keepAlive(t, address); ok {
					t.Error("a connection past the bound was served")
				}
			}
			_ = first.Close()
			for {
				if _, ok := keepAlive(t, address); ok { // the server needs a moment to see that one is gone
					break
				}
			}
		})
	}
}

// With a listener of their own the metrics are nowhere else.
func TestMetricsListener(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o := with(&memory{})
	o.Metrics = listener
	address := serveOn(t, o)
	for url, want := range map[string]int{"http://" + address: 404, "http://" + listener.Addr().String(): 200} {
		resp, err := http.Get(url + "/metrics")
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || resp.StatusCode != want || want == 200 && !strings.Contains(string(body), "collector_connections_refused_total 0") {
			t.Errorf("%s: %d, %v\n%s", url, resp.StatusCode, err, body)
		}
	}
}
