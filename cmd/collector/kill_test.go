package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/divinedevops/probe/collect"
	collectstore "github.com/divinedevops/probe/collect/store"
	"github.com/divinedevops/probe/collect/store/ndjson"
	"github.com/divinedevops/probe/emit"
)

func childRecorder() emit.Recorder {
	return emit.Recorder{Dir: emit.NewDir(os.Getenv("PROBE_HOME")), Getenv: noEnv, Now: time.Now, AppVersion: "0.1.0", ClientType: "probe"}
}

// enqueueChild records events until it is killed, and prints the id of each once it is acknowledged.
func enqueueChild() {
	for {
		e := childRecorder().Record(facts("acme/model"))
		if e.State != emit.StateQueued {
			fmt.Println("failed:", e.Notices)
			os.Exit(1)
		}
		fmt.Println(*e.Event.Metadata.EventID)
	}
}

// sendChild sends whatever there is until it is killed.
func sendChild() {
	for {
		_, err := childSender(os.Getenv("PROBE_HOME"), os.Getenv("ENDPOINT")).Send(context.Background())
		if err != nil && !errors.Is(err, emit.ErrBusy) {
			fmt.Println("failed:", err)
			os.Exit(1)
		}
	}
}

func childSender(home, endpoint string) emit.Sender {
	return emit.Sender{
		Dir: emit.NewDir(home), Getenv: noEnv, Now: time.Now, AppVersion: "0.1.0", Endpoint: endpoint + collect.IngestPath,
		Transport: &http.Transport{},
	}
}

// faulty answers some requests as bad servers do, before the collector has seen them or after it has stored them.
type faulty struct {
	next   http.Handler
	seed   atomic.Uint64
	faults atomic.Bool
}

func (f *faulty) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !f.faults.Load() {
		f.next.ServeHTTP(w, r)
		return
	}
	switch rng := rand.New(rand.NewPCG(7, f.seed.Add(1))); rng.IntN(12) {
	case 0:
		w.WriteHeader(http.StatusInternalServerError)
	case 1:
		w.WriteHeader(http.StatusTooManyRequests)
	case 2: // hangs until the sender is killed or gives up
		_, _ = io.Copy(io.Discard, r.Body) // only then does the server notice that the other end is gone
		<-r.Context().Done()
	case 3:
		cut(w, "")
	case 4:
		cut(w, "\x00\x01garbage")
	case 5: // stored, but the answer is lost
		f.next.ServeHTTP(httptest.NewRecorder(), r)
		cut(w, "HTTP/1.1 2")
	default:
		f.next.ServeHTTP(w, r)
	}
}

func cut(w http.ResponseWriter, text string) {
	if conn, _, err := w.(http.Hijacker).Hijack(); err == nil {
		_, _ = io.WriteString(conn, text)
		_ = conn.Close()
	}
}

// Eight processes enqueue while one sends to a faulty server, and all are killed at random moments. Every event that was
// acknowledged to a writer is stored or still queued, none is stored twice, and a purge leaves nothing.
// PROBE_KILL_ROUNDS asks for more rounds.
func TestKilledAnywhere(t *testing.T) {
	t.Parallel()
	rounds := 4
	if n, err := strconv.Atoi(os.Getenv("PROBE_KILL_ROUNDS")); err == nil {
		rounds = n
	}
	folder := t.TempDir()
	store, err := ndjson.Open(folder, ndjson.Options{})
	if err != nil {
		t.Fatal(err)
	}
	server := &faulty{next: collect.NewServer(collect.Options{Sink: store})}
	server.faults.Store(true)
	web := httptest.NewServer(server)
	home := t.TempDir()
	dir := emit.NewDir(home)
	if err := emit.WriteConsent(dir, emit.Consent{Mode: emit.ModeOn, Endpoint: web.URL + "/api/v1/telemetry"}); err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(5, 6))
	acknowledged := map[string]bool{}
	for range rounds {
		killRound(t, rng, home, web.URL, acknowledged)
		server.faults.Store(false)
		drainALittle(t, dir, home, web.URL)
		server.faults.Store(true)
	}
	// The server is well again: what is queued is sent, and then everything is there once.
	server.faults.Store(false)
	result, err := childSender(home, web.URL).Send(context.Background())
	if err != nil || result.Stopped != "" || result.Damaged != 0 || result.Refused != 0 {
		t.Fatalf("%+v, %v", result, err)
	}
	web.Close()
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	times := map[string]int{}
	for r, err := range collectstore.Records(context.Background(), ndjson.NewReader(folder), nil) {
		if err != nil {
			t.Fatal(err)
		}
		if times[r.EventID]++; times[r.EventID] > 1 {
			t.Errorf("stored %d times: %s", times[r.EventID], r.EventID)
		}
	}
	lost := 0
	for id := range acknowledged {
		if times[id] == 0 {
			lost++
		}
	}
	t.Logf("%d rounds: %d acknowledged, %d stored, %d lost", rounds, len(acknowledged), len(times), lost)
	if lost > 0 || len(acknowledged) == 0 {
		t.Errorf("%d of %d acknowledged events are lost", lost, len(acknowledged))
	}
	if _, err := emit.Purge(dir); err != nil {
		t.Fatal(err)
	}
	if entries, err := os.ReadDir(dir.Telemetry()); err != nil || len(entries) != 2 { // consent.json and sender.lock
		t.Errorf("a purge left %v, %v", entries, err)
	}
}

// killRound runs nine processes and kills them after a random number of acknowledgements.
func killRound(t *testing.T, rng *rand.Rand, home, url string, acknowledged map[string]bool) {
	t.Helper()
	var cmds []*exec.Cmd
	var outputs []*bufio.Scanner
	start := func(role string) {
		cmd := child(role)
		cmd.Env = append(cmd.Env, "PROBE_HOME="+home, "ENDPOINT="+url)
		pipe, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		cmds, outputs = append(cmds, cmd), append(outputs, bufio.NewScanner(pipe))
	}
	start("send")
	for range 8 {
		start("enqueue")
	}
	note := func(line string) {
		if len(line) == 36 { // a process may be killed in the middle of printing
			acknowledged[line] = true
		} else if len(line) > 6 && line[:6] == "failed" {
			t.Error(line)
		}
	}
	for range rng.IntN(12) {
		if outputs[1].Scan() {
			note(outputs[1].Text())
		}
	}
	for _, cmd := range cmds {
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
	}
	for _, output := range outputs {
		for output.Scan() {
			note(output.Text())
		}
	}
	for _, cmd := range cmds {
		_ = cmd.Wait()
	}
}

// drainALittle lets a sender empty a long queue, so that many rounds stay within the queue's cap.
func drainALittle(t *testing.T, dir emit.Dir, home, url string) {
	t.Helper()
	for {
		content, err := emit.ReadQueue(dir)
		if err != nil {
			t.Fatal(err)
		}
		if content.Damaged != 0 {
			t.Errorf("%d damaged files", content.Damaged)
		}
		if len(content.Events) < 500 {
			return
		}
		if _, err := childSender(home, url).Send(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
}
