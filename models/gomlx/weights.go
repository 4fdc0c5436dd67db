package gomlx

import (
	"runtime"

	"github.com/knights-analytics/hugot/backends"
)

// moved is after how many bytes of weights the collector is called, so that what was copied does not pile up.
const moved = 16 << 20

// settle hands the weights over to the backend, one tensor after the other. GoMLX otherwise does so at the first run, with
// all of them in memory twice.
func settle(m *backends.GoMLXModel) error {
	var bytes int64
	for v := range m.Store.IterVariables() {
		t, err := v.Value()
		if err != nil {
			return err
		}
		if err := t.ToDevice(m.Backend, 0); err != nil {
			return err
		}
		if bytes += t.ByteSize(); bytes >= moved {
			runtime.GC()
			bytes = 0
		}
	}
	runtime.GC()
	return nil
}
