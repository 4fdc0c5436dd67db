package emit

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// The test binary runs itself again as another process: PROBE_EMIT_CHILD names what it does.
func TestMain(m *testing.M) {
	switch os.Getenv("PROBE_EMIT_CHILD") {
	case "":
		os.Exit(m.Run())
	case "enqueue": // records events until it is done or killed, and prints the id of each once it is acknowledged
		n, _ := strconv.Atoi(os.Getenv("PROBE_EMIT_COUNT"))
		for range n {
			e := childRecorder().Record(miniLM())
			if e.State != StateQueued {
				fmt.Println("failed:", e.Notices)
				os.Exit(1)
			}
			fmt.Println(*e.Event.Metadata.EventID)
		}
	case "full": // no file can grow past 200 bytes: to the writer, a full disk
		if err := limitFiles(200); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		e := childRecorder().Record(miniLM())
		fmt.Println(e.State, e.Notices[0].Code)
	case "zero": // a program that has nothing to add
		var noIdentity Identity
		_ = NewEvent(Facts{}, noIdentity)
		e := Recorder{}.Record(Facts{Origin: OriginHub, Model: "BAAI/bge-m3"})
		_, err := Sender{}.Send(context.Background())
		fmt.Println(e.State, e.Event.ClientType, e.Decision.Mode, errors.Is(err, ErrNotOn))
	}
	os.Exit(0)
}

func childRecorder() Recorder {
	return Recorder{Dir: NewDir(os.Getenv("PROBE_EMIT_DIR")), Getenv: env(), Now: func() time.Time { return testTime }, AppVersion: "0.1.0", ClientType: "probe"}
}

func child(t testing.TB, role string, dir Dir, more ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), append(more, "PROBE_EMIT_CHILD="+role, "PROBE_EMIT_DIR="+dir.Path())...)
	cmd.Stderr = os.Stderr
	return cmd
}

// Several processes begin with an empty folder at once: nothing is lost, and all agree on one client id.
func TestManyProcesses(t *testing.T) {
	t.Parallel()
	const processes, each = 6, 25
	dir := NewDir(t.TempDir())
	outputs := make([]bytes.Buffer, processes)
	var cmds []*exec.Cmd
	for i := range processes {
		cmd := child(t, "enqueue", dir, fmt.Sprint("PROBE_EMIT_COUNT=", each))
		cmd.Stdout = &outputs[i]
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		cmds = append(cmds, cmd)
	}
	var acknowledged []string
	for i, cmd := range cmds {
		if err := cmd.Wait(); err != nil {
			t.Fatalf("process %d: %v: %s", i, err, outputs[i].String())
		}
		acknowledged = append(acknowledged, strings.Fields(outputs[i].String())...)
	}
	slices.Sort(acknowledged)
	checkIDs(t, dir, acknowledged)
	clients := map[string]bool{}
	for _, q := range mustRead(t, dir).Events {
		clients[q.Event.HWID] = true
	}
	if len(acknowledged) != processes*each || len(clients) != 1 {
		t.Errorf("%d events of %d clients", len(acknowledged), len(clients))
	}
}

// Writers are killed at random moments: every event that was acknowledged is there, whole, and nothing is damaged.
// PROBE_KILL_ROUNDS asks for more rounds.
func TestKilledWriters(t *testing.T) {
	t.Parallel()
	rounds := 8
	if n, err := strconv.Atoi(os.Getenv("PROBE_KILL_ROUNDS")); err == nil {
		rounds = n
	}
	rng := rand.New(rand.NewPCG(3, 4))
	dir := NewDir(t.TempDir())
	acknowledged := map[string]bool{}
	for range rounds {
		cmds, pipes := []*exec.Cmd{}, []io.Reader{}
		for range 4 {
			cmd := child(t, "enqueue", dir, "PROBE_EMIT_COUNT=1000000")
			pipe, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			cmds, pipes = append(cmds, cmd), append(pipes, pipe)
		}
		// The moment is counted in acknowledgements of the first process, so that the test does not depend on speed.
		lines := bufio.NewScanner(pipes[0])
		for range rng.IntN(20) {
			if lines.Scan() {
				acknowledged[lines.Text()] = true
			}
		}
		for _, cmd := range cmds {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
		for lines.Scan() {
			acknowledged[lines.Text()] = true
		}
		for _, pipe := range pipes[1:] {
			for lines := bufio.NewScanner(pipe); lines.Scan(); {
				acknowledged[lines.Text()] = true
			}
		}
		for _, cmd := range cmds {
			_ = cmd.Wait()
		}
	}
	content := mustRead(t, dir)
	for _, q := range content.Events {
		delete(acknowledged, *q.Event.Metadata.EventID)
	}
	for id := range acknowledged {
		if len(id) == 36 { // a process may be killed in the middle of printing
			t.Errorf("acknowledged and lost: %s", id)
		}
	}
	if content.Damaged != 0 || len(content.Events) == 0 {
		t.Errorf("%d damaged, %d queued", content.Damaged, len(content.Events))
	}
}

// The zero Recorder and the zero Sender work on the process's own environment, clock and folder.
func TestZeroValues(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	cmd := child(t, "zero", Dir{}, "PROBE_HOME="+home, "CI=", "DO_NOT_TRACK=", "PROBE_TELEMETRY=", "PROBE_TELEMETRY_ENDPOINT=")
	out, err := cmd.Output()
	if want := "queued probe local true\n"; err != nil || string(out) != want {
		t.Errorf("expected %q, found %q, %v", want, out, err)
	}
	if events := mustRead(t, NewDir(home)).Events; len(events) != 1 || events[0].Event.AppVersion != "0.0.0" ||
		time.Since(timeOf(uuid.MustParse(*events[0].Event.Metadata.EventID))) > 48*time.Hour {
		t.Errorf("queued: %+v", events)
	}
}

// BenchmarkFreshProcess is the durable enqueue as a probe pays for it: consent, client id, queue and event read and
// written by a process that has nothing in memory yet. The queue holds 1,000 events.
func BenchmarkFreshProcess(b *testing.B) {
	r := recorder(b)
	for range 1000 {
		mustRecord(b, r, miniLM())
	}
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			fresh := recorder(b)
			b.StartTimer()
			mustRecord(b, fresh, miniLM())
		}
	})
	b.Run("later", func(b *testing.B) {
		for b.Loop() {
			mustRecord(b, r, miniLM())
		}
	})
	b.Run("process", func(b *testing.B) { // start and end of the process included
		for b.Loop() {
			if out, err := child(b, "enqueue", r.Dir, "PROBE_EMIT_COUNT=1").Output(); err != nil {
				b.Fatalf("%v: %s", err, out)
			}
		}
	})
	b.Run("bare process", func(b *testing.B) { // the same process, doing nothing
		for b.Loop() {
			if out, err := child(b, "nothing", r.Dir).Output(); err != nil {
				b.Fatalf("%v: %s", err, out)
			}
		}
	})
}

// BenchmarkView reads a queue of 100,000 events.
func BenchmarkView(b *testing.B) {
	r := recorder(b)
	root, err := r.Dir.openData(true)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = root.Close() }()
	id := fixedIdentity()
	for range 100_000 {
		id.EventID = newEventID(testTime, id.EventID)
		data := NewEvent(miniLM(), id).Bytes()
		if err := root.WriteFile(queueDir+"/"+queueName(id.EventID, data), data, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if n := len(mustRead(b, r.Dir).Events); n != 100_000 {
			b.Fatalf("%d events", n)
		}
	}
}
