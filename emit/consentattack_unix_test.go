//go:build unix

package emit

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// foreign is a user other than the one who runs the tests, as root or not.
const foreign = 54321

// A file that others own or may write to is nobody's consent; its folder neither.
func TestConsentIsTheUsersOwn(t *testing.T) {
	t.Parallel()
	for _, perm := range []os.FileMode{0o660, 0o606, 0o622, 0o666} {
		dir, path := consentFor(t, ModeOn)
		if err := os.Chmod(path, perm); err != nil {
			t.Fatal(err)
		}
		expectOff(t, "file of mode "+perm.String(), dir)
	}
	for _, perm := range []os.FileMode{0o770, 0o707, os.ModeSticky | 0o777} {
		dir, _ := consentFor(t, ModeOn)
		if err := os.Chmod(dir.Telemetry(), perm); err != nil {
			t.Fatal(err)
		}
		expectOff(t, "folder of mode "+perm.String(), dir)
	}
	dir, path := consentFor(t, ModeOn)
	if err := os.Chmod(path, 0o644); err != nil { // others may read it
		t.Fatal(err)
	}
	if d := Decide(dir, "", env()); d.Mode != ModeOn {
		t.Errorf("readable for all: %+v", d)
	}
}

func TestForeignConsent(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can give files to another user")
	}
	for name, foreignPath := range map[string]func(Dir) string{
		"file":   func(d Dir) string { return filepath.Join(d.Telemetry(), consentFile) },
		"folder": Dir.Telemetry,
	} {
		dir, _ := consentFor(t, ModeOn)
		if err := os.Chown(foreignPath(dir), foreign, foreign); err != nil {
			t.Fatal(err)
		}
		expectOff(t, name, dir)
	}
	// What widens or narrows the events is as much the user's own.
	r := recorder(t)
	if err := WriteInclusions(r.Dir, Inclusions{"acme"}); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(filepath.Join(r.Dir.Telemetry(), includeFile), foreign, foreign); err != nil {
		t.Fatal(err)
	}
	e := r.Record(Facts{Origin: OriginHub, Model: "acme/secret"})
	if e.Event.Metadata.ModelName != LocalModelName || len(e.Notices) != 1 || e.Notices[0].Code != NoticeInclusions {
		t.Errorf("another user's inclusions: %s, %v", e.Event.Metadata.ModelName, e.Notices)
	}
	if err := WriteExclusions(r.Dir, nil); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(filepath.Join(r.Dir.Telemetry(), excludeFile), foreign, foreign); err != nil {
		t.Fatal(err)
	}
	if e := r.Record(miniLM()); e.State != StateFailed {
		t.Errorf("another user's exclusions: %s", e.State)
	}
}

// The file that is judged is the file that is read: one that is exchanged again and again never turns sending on.
func TestConsentExchangedWhileRead(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can give files to another user")
	}
	dir, path := consentFor(t, ModeOn)
	mine, theirs := path+".mine", path+".theirs"
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	var wait sync.WaitGroup
	wait.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			// Mine says off, theirs on; both are renamed onto the name.
			if err := os.WriteFile(mine, []byte(strings.Replace(string(data), `"on"`, `"off"`, 1)), 0o600); err != nil {
				t.Error(err)
				return
			}
			if err := os.WriteFile(theirs, data, 0o600); err != nil {
				t.Error(err)
				return
			}
			_ = os.Chown(theirs, foreign, foreign)
			_ = os.Rename(mine, path)
			_ = os.Rename(theirs, path)
		}
	})
	if err := os.Chown(path, foreign, foreign); err != nil {
		t.Fatal(err)
	}
	for range 2000 {
		if d := Decide(dir, "", env()); d.Mode == ModeOn {
			t.Error("another user's file turned sending on")
			break
		}
	}
	close(stop)
	wait.Wait()
}

// A FIFO, a folder, or a link that leads out of the folder in place of a file: nothing waits for it, nothing follows it.
func TestNoFileIsARegularOne(t *testing.T) {
	t.Parallel()
	outside := filepath.Join(t.TempDir(), "outside")
	for name, put := range map[string]func(path string) error{
		"FIFO":        func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"folder":      func(path string) error { return os.Mkdir(path, 0o700) },
		"device":      func(path string) error { return os.Symlink("/dev/zero", path) },
		"link out":    func(path string) error { return os.Symlink(outside, path) },
		"link to one": func(path string) error { return os.Symlink("fifo", path) },
	} {
		dir, path := consentFor(t, ModeOn)
		if err := os.Rename(path, outside); err != nil { // as it was given, but elsewhere
			t.Fatal(err)
		}
		if err := syscall.Mkfifo(filepath.Join(dir.Telemetry(), "fifo"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := put(path); err != nil {
			t.Fatal(err)
		}
		expectOff(t, name, dir)
	}
}

// The other files of the state folder neither: a FIFO in place of any of them makes nothing hang.
func TestFIFOInPlaceOfState(t *testing.T) {
	t.Parallel()
	for _, file := range []string{excludeFile, includeFile, "sender.lock", "data/" + sendStateFile, "data/" + sentLogFile,
		"data/" + withheldFile, "data/" + clientIDFile + ".2026-11", "data/" + pathSecretFile + ".2026-11"} {
		in := newInbox(t, nil)
		r, s := sendingTo(t, in.URL)
		mustRecord(t, r, Facts{LocalPath: "/x"})
		path := filepath.Join(r.Dir.Telemetry(), filepath.FromSlash(file))
		if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		if err := syscall.Mkfifo(path, 0o600); err != nil {
			t.Fatal(err)
		}
		r.Record(Facts{Origin: OriginHub, Model: "acme/x"})
		_, _ = s.Send(context.Background())
		_, _ = Withheld(r.Dir)
		_, _ = ClientID(r.Dir)
		if _, err := ReadSentLog(r.Dir); err == nil && file == "data/"+sentLogFile {
			t.Errorf("%s: read as if it were a file", file)
		}
	}
}
