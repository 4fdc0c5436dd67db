package isolate

import (
	"os"
	"testing"
)

func TestMemory(t *testing.T) {
	t.Parallel()
	if n := DefaultMemoryLimit(); n < 1<<20 {
		t.Errorf("the default limit here is %d bytes", n)
	}
	if u, ok := memoryOf(os.Getpid()); !ok || u.held <= 0 || u.peak < u.held/2 {
		t.Errorf("this process: %+v, %v", u, ok)
	}
}
