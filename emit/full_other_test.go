//go:build !unix

package emit

import "errors"

func limitFiles(uint64) error { return errors.New("no such limit on this system") }
