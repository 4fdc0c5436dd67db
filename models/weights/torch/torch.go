// Package torch reads PyTorch state dicts (pytorch_model.bin, .pt, .pth) as data. They are pickles, and unpickling runs
// code that the file chooses; here nothing is unpickled. A small machine follows the pickle's opcodes, knows the few names
// that torch.save writes for tensors, refuses every other name, and calls nothing. What it finds is names, types, shapes
// and the places of the storages, whose bytes lie in the file as they are.
//
// There are two forms: a zip archive of stored records (torch 1.6 and newer, torch/csrc/jit/serialization and
// torch/serialization.py, _save) and a stream of pickles followed by the storages (_legacy_save).
package torch

import (
	"errors"
	"io"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/folder"
	"github.com/divinedevops/probe/models/weights/stored"
)

// Limits of what is read. A state dict's pickle is under 1 MB, with about 40 opcodes a tensor.
const (
	// MaxPickle is the most bytes that the pickles of a file may have.
	MaxPickle = 16 << 20
	// MaxOpcodes is the most opcodes of one pickle: 13,000 tensors.
	MaxOpcodes = 1 << 19
	// MaxRecords is the most records of a zip archive.
	MaxRecords = 1 << 16
)

// SingleName is the name of the weights in a model's folder (transformers' WEIGHTS_NAME).
const SingleName = "pytorch_model.bin"

// Format is PyTorch's. Last, because the same weights as ONNX or safetensors say more about themselves.
var Format = stored.Format{
	Name: "pytorch", Single: SingleName, Index: SingleName + ".index.json",
	Suffixes: []string{".bin", ".pt", ".pth"}, Magic: magic, Open: Open, Last: true,
}

// zipMagic begins an archive, legacyMagic a stream: the pickle, in protocol 2, of the number 0x1950a86a20f9469cfc6c.
const (
	zipMagic    = "PK\x03\x04"
	legacyMagic = "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e"
)

func magic(head []byte) bool { return begins(head, zipMagic) || begins(head, legacyMagic) }

func begins(head []byte, magic string) bool {
	return len(head) >= len(magic) && string(head[:len(magic)]) == magic
}

// Open reads which tensors a state dict has and where their bytes are. It reads the pickles and the archive's directory,
// not the weights.
//
// Errors are those of stored.Open, and KindUnsupportedFormat for what only Python could load (another name than those of
// tensors, a whole module, TorchScript, sparse and quantized tensors, views that are not row-major, ...),
// KindInvalidFormat for what contradicts itself, KindTruncated, KindTooLarge, and KindUnsafePath for a storage whose key
// is a path.
func Open(path string) (*stored.File, error) {
	file, r, err := stored.Open(path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	found := file.Identify(r)
	switch found.Format {
	case folder.FormatUnknown, folder.FormatTorch, folder.FormatZip, folder.FormatPickle:
	default:
		return nil, failure.Errorf(failure.StageLoad, found.Kind(), "%s does not hold PyTorch weights: %w", path, found.Err())
	}
	if file.Tensors, err = read(r, file.Size); err != nil {
		kind := failure.KindInvalidFormat
		if e := (*failure.Error)(nil); errors.As(err, &e) {
			kind = e.Kind
		}
		return nil, failure.Errorf(failure.StageLoad, kind, "%s: %w", path, err)
	}
	return file, nil
}

func read(r io.ReaderAt, size int64) ([]stored.Tensor, error) {
	head := make([]byte, min(size, int64(len(legacyMagic))))
	if _, err := r.ReadAt(head, 0); err != nil {
		return nil, cut("its first %d bytes: %w", len(head), err)
	}
	switch {
	case begins(head, zipMagic):
		return readZip(r, size)
	case begins(head, legacyMagic[:4]) && len(head) < len(legacyMagic):
		return nil, cut("the magic number of torch.save")
	}
	return readLegacy(r, size)
}

// refuse is an error without the file's name, which Open adds.
func refuse(kind failure.Kind, format string, args ...any) error {
	return failure.Errorf(failure.StageLoad, kind, format, args...)
}

func unsupported(format string, args ...any) error {
	return refuse(failure.KindUnsupportedFormat, format, args...)
}

func invalid(format string, args ...any) error {
	return refuse(failure.KindInvalidFormat, format, args...)
}

// cut is the error for a file that ends before what it should hold.
func cut(format string, args ...any) error {
	return refuse(failure.KindTruncated, "the file ends too soon, expected "+format+"; download it again", args...)
}

func tooLarge(format string, args ...any) error {
	return refuse(failure.KindTooLarge, format, args...)
}

// quote shortens what the file says, for a message.
func quote(s string) string {
	const most = 80
	if len(s) > most {
		s = s[:most] + "..."
	}
	return s
}
