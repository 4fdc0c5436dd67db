package weights

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/folder"
)

// Digest identifies weights by their contents: "sha256:" and the hexadecimal sha256 that sha256sum and the Hugging Face
// hub show for the file. For several files (shards, external data) it is the sha256 over one line "<sha256>  <name>\n"
// for each, in the order of their base names, as sha256sum prints them.
//
// It reads every byte, 0.5 to 1.5 GB a second on a processor with SHA instructions, so run it while the model loads; ctx
// ends it. A file of a Hugging Face cache costs nothing: large files are stored there under their sha256. Errors are *failure.Error of stage load.
func Digest(ctx context.Context, paths ...string) (string, error) {
	sums := make([]string, len(paths))
	for i, path := range paths {
		sum, err := fileDigest(ctx, path)
		if err != nil {
			return "", err
		}
		sums[i] = sum
	}
	if len(paths) == 1 {
		return "sha256:" + sums[0], nil
	}
	return "sha256:" + combine(paths, sums), nil
}

// combine is the sha256 over the lines of several files.
func combine(paths, sums []string) string {
	lines := make([]string, len(paths))
	for i, path := range paths {
		lines[i] = filepath.Base(path) + "\x00" + sums[i]
	}
	slices.Sort(lines)
	h := sha256.New()
	for _, line := range lines {
		name, sum, _ := strings.Cut(line, "\x00")
		_, _ = fmt.Fprintf(h, "%s  %s\n", sum, name)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func fileDigest(ctx context.Context, path string) (string, error) {
	if sum, ok := blobDigest(path); ok {
		return sum, nil
	}
	f, err := folder.OpenRegular(path)
	if err != nil {
		return "", failure.Errorf(failure.StageLoad, failure.KindMissingFile, "cannot read %s: %w", path, err)
	}
	defer f.Close()
	h := sha256.New()
	buf := make([]byte, 1<<20)
	for {
		if err := ctx.Err(); err != nil {
			return "", failure.Errorf(failure.StageLoad, failure.KindTimeout, "while reading %s: %w", path, err)
		}
		n, err := f.Read(buf)
		h.Write(buf[:n])
		if err == io.EOF {
			return hex.EncodeToString(h.Sum(nil)), nil
		}
		if err != nil {
			return "", failure.Errorf(failure.StageLoad, failure.KindInvalidFormat, "cannot read %s: %w", path, err)
		}
	}
}

// blobDigest reads the sha256 off the name of the blob that a file of a Hugging Face cache snapshot links to. Blobs of
// small files are named after their git hash, which is shorter.
func blobDigest(path string) (string, bool) {
	info, err := os.Lstat(path)
	if err != nil || info.Mode()&os.ModeSymlink == 0 {
		return "", false
	}
	if _, ok := folder.FindHubEntry(path); !ok {
		return "", false
	}
	target, err := filepath.EvalSymlinks(path)
	if err != nil || filepath.Base(filepath.Dir(target)) != "blobs" {
		return "", false
	}
	name := filepath.Base(target)
	if sum, err := hex.DecodeString(name); err != nil || len(sum) != sha256.Size || strings.ToLower(name) != name {
		return "", false
	}
	return name, true
}
