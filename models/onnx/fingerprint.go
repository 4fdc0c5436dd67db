package onnx

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"io"
	"os"

	"github.com/divinedevops/probe/models/failure"
	"github.com/divinedevops/probe/models/folder"
)

// A fingerprint samples this many blocks of this many bytes, evenly spread: 1 MiB of a file of any size.
const (
	fingerprintBlocks = 256
	fingerprintBlock  = 4 << 10
)

// Fingerprint identifies weights in a few milliseconds: "sampled-sha256:" and the sha256 over the file's size (8 bytes,
// little-endian) and 256 blocks of 4 KiB, the first at the beginning, the last at the end and the others evenly between.
// A file of 1 MiB or less goes in whole. Several files are put together as by Digest.
//
// Two trainings of one model differ in nearly every weight, and other types or shapes give another size, so two
// models that anyone trained have two fingerprints. It is no protection against a file made to share one with another;
// Digest is. Errors are *failure.Error of stage load.
func Fingerprint(paths ...string) (string, error) {
	sums := make([]string, len(paths))
	for i, path := range paths {
		sum, err := fileFingerprint(path)
		if err != nil {
			return "", err
		}
		sums[i] = sum
	}
	const prefix = "sampled-sha256:"
	if len(paths) == 1 {
		return prefix + sums[0], nil
	}
	return prefix + combine(paths, sums), nil
}

func fileFingerprint(path string) (string, error) {
	f, err := folder.OpenRegular(path)
	if err != nil {
		return "", failure.Errorf(failure.StageLoad, failure.KindMissingFile, "cannot read %s: %w", path, err)
	}
	defer f.Close()
	sum, err := sample(f)
	if err != nil {
		return "", failure.Errorf(failure.StageLoad, failure.KindInvalidFormat, "cannot read %s: %w", path, err)
	}
	return sum, nil
}

func sample(f *os.File) (string, error) {
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	h, size := sha256.New(), info.Size()
	h.Write(binary.LittleEndian.AppendUint64(nil, uint64(size)))
	if size <= fingerprintBlocks*fingerprintBlock {
		_, err := io.Copy(h, f)
		return hex.EncodeToString(h.Sum(nil)), err
	}
	buf := make([]byte, fingerprintBlock)
	for i := range int64(fingerprintBlocks) {
		// The product stays below 2^63 for files up to 2^55 bytes.
		at := (size - fingerprintBlock) * i / (fingerprintBlocks - 1)
		if _, err := f.ReadAt(buf, at); err != nil {
			return "", err
		}
		h.Write(buf)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
