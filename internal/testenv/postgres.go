package testenv

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Postgres starts a private PostgreSQL server (Debian package postgresql) in a folder of its own, which only a Unix
// socket leads to, and returns its connection string. It ends with the test. Where the test runs as root, the server runs
// as the user postgres or nobody, since it refuses root.
func Postgres(t testing.TB) string {
	t.Helper()
	initdb, server := postgresProgram(t, "initdb"), postgresProgram(t, "postgres")
	// Not t.TempDir: its parent is closed to other users, and the path of a socket must be short.
	folder, err := os.MkdirTemp("", "pg")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	data := filepath.Join(folder, "data")
	as := unprivileged(t, folder)
	cmd := exec.Command(initdb, "-D", data, "-U", "probe", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C")
	cmd.Dir = folder
	runAs(cmd, as)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	cmd = exec.Command(server, "-D", data, "-k", folder, "-c", "listen_addresses=", "-c", "logging_collector=off")
	cmd.Dir = folder
	runAs(cmd, as)
	log, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt) // PostgreSQL's fast shutdown
		_, _ = io.Copy(io.Discard, log)
		_ = cmd.Wait()
	})
	// The log says when connections are taken; nothing has to be waited for blindly.
	var said []string
	for lines := bufio.NewScanner(log); lines.Scan(); {
		said = append(said, lines.Text())
		if strings.Contains(lines.Text(), "database system is ready to accept connections") {
			go func() { _, _ = io.Copy(io.Discard, log) }()
			return "host=" + folder + " user=probe dbname=postgres sslmode=disable"
		}
	}
	t.Fatalf("PostgreSQL did not start:\n%s", strings.Join(said, "\n"))
	return ""
}

// postgresProgram finds a program of PostgreSQL's: in PATH, or where Debian puts them.
func postgresProgram(t testing.TB, name string) string {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if len(found) == 0 {
		missing(t, name, "the Debian package postgresql")
	}
	slices.Sort(found)
	return found[len(found)-1]
}

// unprivileged is the user that the server runs as, and the owner of the folder; nil unless the test runs as root.
func unprivileged(t testing.TB, folder string) *user.User {
	t.Helper()
	if os.Getuid() != 0 {
		return nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil {
			give(t, folder, u)
			return u
		}
	}
	t.Fatal("PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody")
	return nil
}
