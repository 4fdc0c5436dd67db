package emit

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/divinedevops/probe/internal/wholefile"
	"github.com/google/uuid"
)

// The client id and the key of local_path_hash lie in a file a month each: client_id.2026-11. A new month begins with new
// ones, so that no server can follow an installation for longer, unless the user keeps his id. Both change together: one
// path under one key would link two ids.
const (
	clientIDFile   = "client_id"
	pathSecretFile = "path_secret"
	monthLayout    = "2006-01"
)

// clientID returns this installation's random id of the month, making it on first use.
func clientID(root *os.Root, now time.Time, keepID bool) (uuid.UUID, error) {
	text, err := monthly(root, clientIDFile, now, keepID, func(s string) bool { return uuid.Validate(s) == nil && len(s) == 36 },
		func() string { return uuid.New().String() })
	if err != nil {
		return uuid.Nil, fmt.Errorf("client id: %w", err)
	}
	return uuid.MustParse(text), nil
}

// pathSecret returns the key of local_path_hash (32 bytes), making it on first use.
func pathSecret(root *os.Root, now time.Time, keepID bool) ([]byte, error) {
	isKey := func(s string) bool { b, err := hex.DecodeString(s); return err == nil && len(b) == sha256.Size }
	text, err := monthly(root, pathSecretFile, now, keepID, isKey, func() string {
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

// monthly returns the value of the month's file, or with keepID that of the newest. A month's file is made once, whichever
// process comes first, and the files of other months go.
func monthly(root *os.Root, name string, now time.Time, keepID bool, valid func(string) bool, fresh func() string) (string, error) {
	file := name + "." + now.UTC().Format(monthLayout)
	if keepID {
		if newest := newestOf(root, name); newest != "" {
			file = newest
		}
	}
	made := false
	value, err := keep(root, file, valid, func() string { made = true; return fresh() })
	if err == nil && made {
		removeMonths(root, name, file)
		if name == clientIDFile {
			removeMonths(root, pathSecretFile, pathSecretFile+strings.TrimPrefix(file, name))
		}
	}
	return value, err
}

// monthsOf lists the files of a name, one a month, oldest first.
func monthsOf(root *os.Root, name string) []string {
	var out []string
	for _, file := range names(root, ".") {
		if month, ok := strings.CutPrefix(file, name+"."); ok {
			if _, err := time.Parse(monthLayout, month); err == nil {
				out = append(out, file)
			}
		}
	}
	slices.Sort(out)
	return out
}

// newestOf is the last of monthsOf, "" if there is none.
func newestOf(root *os.Root, name string) string {
	if all := monthsOf(root, name); len(all) > 0 {
		return all[len(all)-1]
	}
	return ""
}

// removeMonths removes the files of other months; one that cannot go now is no longer used and goes with the next.
func removeMonths(root *os.Root, name, but string) {
	for _, file := range monthsOf(root, name) {
		if file != but {
			_ = root.Remove(file)
		}
	}
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
