package probe

import (
	"context"
	"os"

	"github.com/divinedevops/probe/models/weights"
)

// maxDigest bounds the weights that are digested: about a second of hashing.
const maxDigest = 2 << 30

// digesting is the digest of one file of weights, computed while the model is opened from it: opening leaves most processors
// idle. It has to be waited for before anything is measured, because budgets count the CPU time of the whole process.
type digesting struct {
	path  string
	done  chan struct{}
	value string
	err   error
}

// startDigest begins with the file that a model is opened from; nil if there is none, or it is too large.
func startDigest(ctx context.Context, path string) *digesting {
	if path == "" {
		return nil
	}
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() || info.Size() > maxDigest {
		return nil
	}
	d := &digesting{path: path, done: make(chan struct{})}
	go func() {
		defer close(d.done)
		d.value, d.err = weights.Digest(ctx, path)
	}()
	return d
}

func (d *digesting) wait() {
	if d != nil {
		<-d.done
	}
}

// of is the digest of files: what was computed already, if the model turned out to consist of that one file.
func (d *digesting) of(ctx context.Context, files []string) (string, error) {
	if d != nil && len(files) == 1 && files[0] == d.path {
		return d.value, d.err
	}
	return weights.Digest(ctx, files...)
}

// digest names the version of a model that no hub did, "" for one with more weights than maxDigest. For larger weights it is
// what huggingface_hub noted when it downloaded them, if it did; smaller ones are compared with that note.
func (m *measurement) digest(ctx context.Context, o *Opened, sum *digesting) string {
	info := o.Model.Info()
	recorded := ""
	if o.Source != nil && o.Source.RecordedDigest != "" && len(info.Files) == 1 {
		recorded = "sha256:" + o.Source.RecordedDigest
	}
	if recorded != "" && info.Bytes > maxDigest {
		return recorded
	}
	if len(info.Files) == 0 || info.Bytes > maxDigest {
		m.options.logf("no digest of %d bytes of weights in %d files: the most is %d bytes", info.Bytes, len(info.Files), int64(maxDigest))
		return ""
	}
	digest, err := sum.of(ctx, info.Files)
	if err != nil {
		m.options.logf("no digest of the weights: %v", err)
	}
	if digest != "" && recorded != "" && digest != recorded {
		m.update(func(r *Report) {
			r.Warnings = append(r.Warnings, "the weights are not the file that was downloaded: huggingface_hub noted "+recorded)
		})
	}
	return digest
}
