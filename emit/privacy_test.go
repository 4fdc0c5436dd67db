package emit

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// secretsOf makes one user's secrets: what must never be in an event, wherever it turns up in the facts.
func secretsOf(rng *rand.Rand) (user, host string, secrets []string) {
	letters := func(alphabet string, n int) string {
		var b strings.Builder
		for range n {
			b.WriteByte(alphabet[rng.IntN(len(alphabet))])
		}
		return b.String()
	}
	const lower = "abcdefghijklmnopqrstuvwxyz"
	const mixed = lower + "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	user = "q" + letters(lower, 5+rng.IntN(6)) // no word of any vocabulary begins so and is as long by chance
	host = "zh" + letters(lower, 6) + "-laptop"
	secrets = []string{
		"/home/" + user, "/Users/" + user + "/models/x", `C:\Users\` + user + `\model`, "~" + user, "file:///home/" + user,
		"hf_" + letters(mixed, 34), "sk-proj-" + letters(mixed, 40), "ghp_" + letters(mixed, 36),
		"github_pat_" + letters(mixed, 22) + "_" + letters(mixed, 59), "AKIA" + letters("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16),
		"eyJhbGciOiJIUzI1NiJ9.eyJ" + letters(mixed, 30) + "." + letters(mixed, 43), letters(mixed, 48),
		"https://" + user + ":" + letters(mixed, 12) + "@example.com/x", "https://example.com/m?token=" + letters(mixed, 20),
		user + "@example.com", `\\fileserver\` + user, "../" + user, user + "/my-model", "acme/" + user, "acme/model-of-" + user,
		host + "/model", "10.1.2.3/model", "s3://bucket/" + user, "the patient " + user + " was treated for", user,
		"models/" + user, "\u202e" + user, user + "\x00", "{\"x\":\"" + user + "\"}", "acme/" + letters("0123456789abcdef", 40),
	}
	return user, host, secrets
}

// TestNoEventHoldsASecret fills every field of the facts and of the identity, by reflection, with secrets, over
// thousands of users: no event may contain any of them, nor the user's or the machine's name.
func TestNoEventHoldsASecret(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	const rounds = 5000
	for range rounds {
		user, host, secrets := secretsOf(rng)
		pick := func() string { return secrets[rng.IntN(len(secrets))] }
		f := miniLM()
		f.Origin = Origin(rng.IntN(3))
		fill(reflect.ValueOf(&f).Elem(), pick, rng)
		id := fixedIdentity()
		id.AppVersion, id.ClientType = pick(), pick()
		if rng.IntN(2) == 0 { // names go out, and are held against the rest
			id.Included = Inclusions{"acme", user, host, "models", pick()}
		}
		if rng.IntN(4) == 0 {
			id.AppVersion = "1.2.3+" + user
		}
		id.Getenv = env("USER", user, "HOME", "/home/"+user, "HOSTNAME", host)
		event := string(NewEvent(f, id).Bytes())
		for _, secret := range append(secrets, host) {
			if strings.Contains(event, secret) || strings.Contains(strings.ToLower(event), strings.ToLower(secret)) {
				t.Fatalf("%q is in the event\n%s", secret, event)
			}
		}
	}
}

// fill puts a secret into each text of v with a chance of three in four, so that some facts stay as they are.
func fill(v reflect.Value, pick func() string, rng *rand.Rand) {
	for i := range v.NumField() {
		switch field := v.Field(i); field.Interface().(type) {
		case string:
			if rng.IntN(4) > 0 {
				field.SetString(pick())
			}
		case []string:
			field.Set(reflect.ValueOf([]string{pick(), "text", pick(), "pooling"}))
		}
	}
}

// Every text field of Facts is reached by fill: a new kind of field must be taught to it.
func TestPrivacyTestReachesEveryField(t *testing.T) {
	t.Parallel()
	typ := reflect.TypeFor[Facts]()
	for i := range typ.NumField() {
		switch field := typ.Field(i); field.Type.String() {
		case "string", "[]string", "bool", "*int", "*int64", "emit.Origin":
		default:
			t.Errorf("field %s of type %s: teach fill about it", field.Name, field.Type)
		}
	}
}

func FuzzModelName(f *testing.F) {
	for _, seed := range []string{"org/name", "/home/x", "a/../b", "hf_abcdefghijklmnop1234", "\xff", "C:/x", "gpt2"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		id := fixedIdentity()
		id.Getenv, id.Included = env("USER", "alice"), Inclusions{publisherOf(name)}
		m := NewEvent(Facts{Origin: OriginHub, Model: name}, id).Metadata
		if m.ModelName == LocalModelName {
			return
		}
		if m.ModelName != name || strings.Count(name, "/") > 1 || strings.ContainsAny(name, "\\:@?#%~ \x00") ||
			strings.HasPrefix(name, "/") || strings.HasPrefix(name, ".") || len(name) > 193 {
			t.Errorf("%q passed as %q", name, m.ModelName)
		}
	})
}
