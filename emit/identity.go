package emit

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/divinedevops/probe/internal/wholefile"
	"github.com/google/uuid"
)

const (
	clientIDFile   = "client_id"
	pathSecretFile = "path_secret"
)

// clientID returns this installation's random id, making it on first use.
func clientID(root *os.Root) (uuid.UUID, error) {
	text, err := keep(root, clientIDFile, func(s string) bool { return uuid.Validate(s) == nil && len(s) == 36 },
		func() string { return uuid.New().String() })
	if err != nil {
		return uuid.Nil, fmt.Errorf("client id: %w", err)
	}
	return uuid.MustParse(text), nil
}

// pathSecret returns the key of local_path_hash (32 bytes), making it on first use.
func pathSecret(root *os.Root) ([]byte, error) {
	isKey := func(s string) bool { b, err := hex.DecodeString(s); return err == nil && len(b) == sha256.Size }
	text, err := keep(root, pathSecretFile, isKey, func() string {
		var key [sha256.Size]byte
		_, _ = rand.Read(key[:]) // never fails: crypto/rand ends the process instead
		return hex.EncodeToString(key[:])
	})
	if err != nil {
		return nil, fmt.Errorf("secret of local_path_hash: %w", err)
	}
	key, _ := hex.DecodeString(text)
	return key, nil
}

// hashPath is HMAC-SHA256 (RFC 2104) of an absolute path, in hex.
func hashPath(secret []byte, path string) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(path))
	return hex.EncodeToString(mac.Sum(nil))
}

// keep reads a small file of one line, or makes it with mode 0600. Of several processes that make it at once, one
// wins and all get its value. What is not valid (a damaged file) is replaced.
func keep(root *os.Root, name string, valid func(string) bool, fresh func() string) (string, error) {
	for range 3 {
		data, err := readBounded(root, name, 4096)
		if err == nil {
			if value := strings.TrimSpace(string(data)); valid(value) {
				return value, nil
			}
			if err := root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return "", err
			}
		} else if !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
		value := fresh()
		err = wholefile.CreateIn(root, name, []byte(value+"\n"))
		if err == nil {
			return value, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return "", err
		}
	}
	return "", fmt.Errorf("%s is made and damaged again and again by another process", name)
}

// readBounded reads a file of at most limit bytes; a longer one is an error.
func readBounded(root *os.Root, name string, limit int64) ([]byte, error) {
	f, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	data := make([]byte, 0, 1024) // an event fits: io.ReadAll would begin smaller and copy
	for err == nil && int64(len(data)) <= limit {
		if len(data) == cap(data) {
			data = slices.Grow(data, cap(data))
		}
		var n int
		n, err = f.Read(data[len(data):min(cap(data), int(limit)+1)])
		data = data[:len(data)+n]
	}
	if err != nil && err != io.EOF {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("%s: expected at most %d bytes", name, limit)
	}
	return data, nil
}
