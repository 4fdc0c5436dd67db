package isolate

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// child is a started process with this side of its pipes.
type child struct {
	pid     int
	control *os.File // to its stdin: the request, and the end of it asks the child to end
	reports *os.File // frames
	printed *os.File // what it prints on stdout and stderr
	output  *output
	drained chan struct{}
	exited  chan struct{} // closed when it was waited for; state is set then
	state   *os.ProcessState
	held    holder
	hung    sync.Once
}

// launchChild runs this program again as a child, which then waits for its request.
func launchChild(i Options, temp string, limit int64) (*child, error) {
	var pipes [3][2]*os.File
	closeAll := func(side int) {
		for _, p := range pipes {
			if p[side] != nil {
				_ = p[side].Close()
			}
		}
	}
	for n := range pipes {
		r, w, err := os.Pipe()
		if err != nil {
			closeAll(0)
			closeAll(1)
			return nil, err
		}
		if n == 0 { // the first pipe leads to the child, the others from it: side 0 is this process's
			r, w = w, r
		}
		pipes[n] = [2]*os.File{r, w}
	}
	cmd, err := command(i.Env, temp)
	if err == nil {
		cmd.Stdin, cmd.Stdout, cmd.Stderr = pipes[0][1], pipes[2][1], pipes[2][1]
		err = inherit(cmd, pipes[1][1])
	}
	c := &child{
		control: pipes[0][0], reports: pipes[1][0], printed: pipes[2][0], output: &output{show: i.Output},
		drained: make(chan struct{}), exited: make(chan struct{}),
	}
	if err == nil {
		err = c.launch(cmd, limit)
	}
	closeAll(1)
	if err != nil {
		closeAll(0)
		return nil, err
	}
	go func() {
		defer close(c.drained)
		c.output.drain(c.printed)
	}()
	return c, nil
}

// command is this program with the environment of a child. temp is its folder for temporary files, whoever makes them.
func command(env []string, temp string) (*exec.Cmd, error) {
	path, err := program()
	if err != nil {
		return nil, err
	}
	if env == nil {
		env = os.Environ()
	}
	env = append(slices.Clone(env), "TMPDIR="+temp, "TMP="+temp, "TEMP="+temp) // os/exec takes the last of a name
	// No traceback of Go's runtime, unless the caller wants them.
	if !slices.ContainsFunc(env, func(v string) bool { return strings.HasPrefix(v, "GOTRACEBACK=") }) {
		env = append(env, "GOTRACEBACK=none")
	}
	// The name stays what it was: programs of several names choose by it.
	return &exec.Cmd{Path: path, Args: []string{os.Args[0]}, Env: env}, nil
}

// launch starts and waits in one goroutine with a thread of its own: on Linux a child that is to die with its parent dies
// with the parent's thread that started it.
func (c *child) launch(cmd *exec.Cmd, limit int64) error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		if err == nil {
			c.pid = cmd.Process.Pid
			if c.held, err = hold(cmd.Process, limit); err != nil {
				_ = cmd.Process.Kill()
				err = errors.Join(err, cmd.Wait())
			}
		}
		started <- err
		if err != nil {
			return
		}
		_ = cmd.Wait() // ProcessState has it
		c.state = cmd.ProcessState
		close(c.exited)
	}()
	return <-started
}

// hangUp asks the child to end.
func (c *child) hangUp() { c.hung.Do(func() { _ = c.control.Close() }) }

// kill ends the child and what it started.
func (c *child) kill() { c.held.kill() }

// close frees everything after the child's end.
func (c *child) close() {
	c.hangUp()
	_ = c.reports.Close()
	<-c.drained
	_ = c.printed.Close()
	c.held.close()
}
