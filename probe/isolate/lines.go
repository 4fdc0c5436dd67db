package isolate

import (
	"errors"
	"fmt"
	"io"
)

// Rubbish is what Follow.Result returns for a result that the task cannot have sent: the memory or the descriptors of the
// child were overwritten.
func Rubbish(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errRubbish, fmt.Sprintf(format, args...))
}

// errRubbish is what is wrapped where bytes are no message.
var errRubbish = errors.New("not a message of probe")

// Lines is a Follow.Result that writes results to w as they come: lines of JSON in ASCII. Anything else is Rubbish, so that
// nothing a child sends can command a terminal.
func Lines(w io.Writer) func(payload []byte) error {
	return func(payload []byte) error {
		for _, c := range payload {
			if c != '\n' && (c < ' ' || c > '~') {
				return Rubbish("expected lines of ASCII, found the byte %#02x", c)
			}
		}
		_, err := w.Write(payload)
		return err
	}
}
