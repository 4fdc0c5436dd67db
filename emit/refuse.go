package emit

import (
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
)

// words are names of this user and this machine, in lower case. A model published under the user's own name is most
// likely a private one, so such a name is not taken for a public identity.
type words []string

// ownWords gathers them from the environment.
func ownWords(getenv func(string) string) words {
	var w words
	add := func(s string) {
		if s = strings.ToLower(s); len(s) > 1 && !slices.Contains(w, s) {
			w = append(w, s)
		}
	}
	for _, name := range []string{"USER", "LOGNAME", "USERNAME", "HOSTNAME", "COMPUTERNAME", "SUDO_USER"} {
		add(getenv(name))
	}
	for _, name := range []string{"HOME", "USERPROFILE"} {
		if home := getenv(name); home != "" {
			add(filepath.Base(home))
		}
	}
	return w
}

// within reports whether one of the words stands in s as a whole: `alice` in `alice/model` and `model-alice`, not in
// `malice`.
func (w words) within(s string) bool {
	s = strings.ToLower(s)
	for _, word := range w {
		for start := 0; ; {
			i := strings.Index(s[start:], word)
			if i < 0 {
				break
			}
			i += start
			end := i + len(word)
			if (i == 0 || !isAlphanumeric(s[i-1])) && (end == len(s) || !isAlphanumeric(s[end])) {
				return true
			}
			start = i + 1
		}
	}
	return false
}

// secretPrefixes begin the access tokens of services that developers use.
var secretPrefixes = []string{
	"hf_", "sk-", "sk_", "pk_", "rk_", "ghp_", "gho_", "ghs_", "ghu_", "ghr_", "github_pat_", "glpat-", "xoxb-", "xoxp-",
	"xoxa-", "xoxs-", "xapp-", "AKIA", "ASIA", "AIza", "ya29.", "eyJ", "pypi-", "npm_", "dop_v1_", "whsec_", "AccountKey",
}

// looksSecret reports whether one of the segments of a name looks like an access token: a known beginning with 12 or more
// characters after it, or an unbroken run of 24 or more letters and digits that mixes cases and digits, or of 32 hex
// digits. Names of models hardly have such runs, and one that has is no more than left out.
func looksSecret(s string) bool {
	for segment := range strings.SplitSeq(s, "/") {
		if slices.ContainsFunc(secretPrefixes, func(prefix string) bool { return hasToken(segment, prefix) }) {
			return true
		}
		run := 0
		for i := 0; i <= len(segment); i++ {
			if i < len(segment) && isAlphanumeric(segment[i]) {
				run++
				continue
			}
			if isRandomRun(segment[i-run : i]) {
				return true
			}
			run = 0
		}
	}
	return false
}

// hasToken looks for a prefix that begins a word: `sk-` in `my-sk-...`, not in `task-...`.
func hasToken(segment, prefix string) bool {
	for start := 0; ; {
		i := strings.Index(segment[start:], prefix)
		if i < 0 {
			return false
		}
		i += start
		if (i == 0 || !isAlphanumeric(segment[i-1])) && len(segment)-i-len(prefix) >= 12 {
			return true
		}
		start = i + 1
	}
}

func isRandomRun(s string) bool {
	lower, upper, digits := classes(s)
	if len(s) >= 24 && digits && lower && upper {
		return true
	}
	return len(s) >= 32 && digits && strings.Trim(strings.ToLower(s), "0123456789abcdef") == ""
}

func classes(s string) (lower, upper, digits bool) {
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z':
			lower = true
		case c >= 'A' && c <= 'Z':
			upper = true
		case c >= '0' && c <= '9':
			digits = true
		}
	}
	return lower, upper, digits
}

func isAlphanumeric(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// isFolderWord knows the first parts of relative paths that look like `publisher/name`.
func isFolderWord(s string) bool {
	switch strings.ToLower(s) {
	case "home", "users", "root", "tmp", "temp", "var", "mnt", "opt", "etc", "usr", "srv", "media", "data", "private",
		"volumes", "models", "model", "checkpoints", "output", "outputs", "desktop", "documents", "downloads":
		return true
	}
	return false
}

func isIPv4(s string) bool {
	addr, err := netip.ParseAddr(s)
	return err == nil && addr.Is4()
}
