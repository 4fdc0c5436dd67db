package ndjson

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// keyFile lies beside the segments: the key of the hashes of senders' networks.
const keyFile = "network.key"

const keyBytes = 32

// NetworkKey implements store.NetworkKeyed.
func (s *Store) NetworkKey(context.Context) ([]byte, error) {
	path := filepath.Join(s.folder, keyFile)
	key, err := os.ReadFile(path)
	if err == nil && len(key) != keyBytes {
		return nil, fmt.Errorf("store: %s: expected %d bytes, found %d: delete it to get a new one", keyFile, keyBytes, len(key))
	}
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	key = make([]byte, keyBytes)
	_, _ = rand.Read(key) // never fails
	if err := writeFile(path, key, 0o600); err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	return key, nil
}
