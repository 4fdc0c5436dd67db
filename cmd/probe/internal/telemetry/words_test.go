package telemetry

import (
	"errors"
	"strings"
	"testing"

	"github.com/divinedevops/probe/emit"
)

func TestLine(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		entry emit.Entry
		want  string
	}{
		{emit.Entry{State: emit.StateQueued, Decision: emit.Decision{Mode: emit.ModeLocal}}, "queued here, not sent: telemetry is local (probe telemetry)"},
		{emit.Entry{State: emit.StateQueued, Decision: emit.Decision{Mode: emit.ModeOn}}, "queued, to be sent: telemetry is on (probe telemetry)"},
		{emit.Entry{State: emit.StateOff, Decision: emit.Decision{Reason: "DO_NOT_TRACK=1"}}, "nothing recorded: telemetry is off, DO_NOT_TRACK=1 (probe telemetry)"},
		{emit.Entry{State: emit.StateDisabled}, "nothing recorded: --no-telemetry"},
		{emit.Entry{State: emit.StateExcluded}, "nothing recorded: this model is excluded (probe telemetry exclude)"},
		{emit.Entry{State: emit.StateFailed}, "not recorded: the telemetry queue cannot be written (probe telemetry)"},
	} {
		if got := Line(test.entry); got != test.want || len(got) > 80 {
			t.Errorf("%s: found %q", test.entry.State, got)
		}
	}
}

// What a file or the environment says is shown, not obeyed.
func TestWarningsObeyNothing(t *testing.T) {
	t.Parallel()
	got := Warning(emit.Notice{Code: emit.NoticeNotRecorded, Err: errors.New("/tmp/\x1b[2J\u202e\a\nroot")})
	if strings.ContainsAny(got, "\x1b\u202e\a\n") || !strings.Contains(got, "root") {
		t.Errorf("found %q", got)
	}
}

// Every notice is a sentence of its own that says what to do, on one line.
func TestEveryNoticeHasItsSentence(t *testing.T) {
	t.Parallel()
	seen := map[string]emit.NoticeCode{}
	for _, code := range emit.NoticeCodes() {
		got := Warning(emit.Notice{Code: code, Err: errors.New("cause"), Count: 2})
		if strings.Contains(got, string(code)) || strings.ContainsAny(got, "\n") || len(got) < 30 || seen[got] != "" {
			t.Errorf("%s: found %q", code, got)
		}
		seen[got] = code
	}
}
