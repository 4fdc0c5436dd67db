package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/divinedevops/probe/collect"
	collectstore "github.com/divinedevops/probe/collect/store"
	"github.com/divinedevops/probe/collect/store/ndjson"
)

// A stranger who opens more connections than there are descriptors, and keeps them, shuts nobody else out.
func TestIdleConnectionsOfAStranger(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	cmd := child("collector")
	shell := exec.Command("sh", "-c", `ulimit -n 64 && exec "$0" "$@"`, os.Args[0], "serve", "--listen", "127.0.0.1:0",
		"--store", folder, "--segment-mb", "1", "--rate", "0")
	shell.Env = cmd.Env
	url, stop := startServe(t, shell)
	stranger := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}
	for range 80 {
		conn, err := stranger.Dial("tcp", strings.TrimPrefix(url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		_, _ = conn.Write([]byte("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")) // kept alive after its answer
	}
	honest := http.Client{Timeout: 20 * time.Second} // sooner than idle connections end by themselves
	const events = 60                                // of 30 KB: over the size of a segment
	for i := range events {
		body := fmt.Sprintf(`{"hwid":"h","event_name":"e","app_version":"1","metadata":{"event_id":"id-%d","x":"%s"}}`, i, strings.Repeat("x", 30_000))
		resp, err := honest.Post(url+collect.IngestPath, "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if _ = resp.Body.Close(); resp.StatusCode != http.StatusCreated {
			t.Fatalf("event %d: %d", i, resp.StatusCode)
		}
	}
	stop()
	stored := 0
	for _, err := range collectstore.Records(context.Background(), ndjson.NewReader(folder), nil) {
		if err != nil {
			t.Fatal(err)
		}
		stored++
	}
	segments, err := os.ReadDir(folder)
	if err != nil || stored != events || len(segments) < 3 { // two and the lock at least
		t.Errorf("%d events stored, %v, %v", stored, segments, err)
	}
}
