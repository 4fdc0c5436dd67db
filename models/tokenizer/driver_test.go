package tokenizer_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"testing"

	"github.com/divinedevops/probe/internal/testenv"
)

// driver is the Python library behind a pipe: testdata/tokenizers/driver.py.
type driver struct {
	in  io.WriteCloser
	out *bufio.Reader
}

// drivers starts as many as there are processors; take one from the channel and give it back.
func drivers(t *testing.T) chan *driver {
	t.Helper()
	python := testenv.Python(t)
	n := runtime.GOMAXPROCS(0)
	pool := make(chan *driver, n)
	for range n {
		cmd := exec.Command(python, "-B", fixture("driver.py"))
		cmd.Env = append(os.Environ(), "TOKENIZERS_PARALLELISM=false", "RAYON_NUM_THREADS=1", "RUST_BACKTRACE=0")
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			in.Close()
			if err := cmd.Wait(); err != nil {
				t.Errorf("driver.py: %v", err)
			}
		})
		pool <- &driver{in, bufio.NewReaderSize(out, 1<<20)}
	}
	return pool
}

// ask sends a request and reads the answer.
func (d *driver) ask(request, answer any) error {
	data, err := json.Marshal(request)
	if err != nil {
		return err
	}
	if _, err := d.in.Write(append(data, '\n')); err != nil {
		return fmt.Errorf("driver.py ended: %w", err)
	}
	line, err := d.out.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("driver.py ended: %w", err)
	}
	return json.Unmarshal(line, answer)
}

// query is a text, or a pair of texts.
type query struct {
	text string
	pair *string
}

func (q query) MarshalJSON() ([]byte, error) { return json.Marshal([]any{q.text, q.pair}) }

func (d *driver) load(path string) error {
	var answer struct{ Vocabulary int }
	return d.ask(map[string]any{"load": path}, &answer)
}

func (d *driver) digests(queries []query, special bool) ([]string, error) {
	var answer struct{ Digests []string }
	if err := d.ask(map[string]any{"texts": queries, "special": special}, &answer); err != nil {
		return nil, err
	}
	if len(answer.Digests) != len(queries) {
		return nil, fmt.Errorf("driver.py answered %d of %d texts", len(answer.Digests), len(queries))
	}
	return answer.Digests, nil
}

// show is the library's encoding in words.
func (d *driver) show(q query, special bool) string {
	var answer json.RawMessage
	if err := d.ask(map[string]any{"show": q, "special": special}, &answer); err != nil {
		return err.Error()
	}
	return string(answer)
}
