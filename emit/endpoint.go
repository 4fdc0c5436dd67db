package emit

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strings"
)

// DefaultEndpoint is the base URL that events are sent to.
const DefaultEndpoint = "https://api.divinedevops.com"

const ingestPath = "/api/v1/telemetry"

// Endpoint returns the URL that events are posted to: below base if it is not empty, else below PROBE_TELEMETRY_ENDPOINT,
// else below DefaultEndpoint. The base must be HTTPS; plain HTTP is for this machine alone (loopback). A nil getenv is
// os.Getenv.
func Endpoint(base string, getenv func(string) string) (string, error) {
	if getenv == nil {
		getenv = os.Getenv
	}
	if base == "" {
		base = getenv("PROBE_TELEMETRY_ENDPOINT")
	}
	if base == "" {
		base = DefaultEndpoint
	}
	u, err := url.Parse(base)
	if err != nil {
		return "", fmt.Errorf("telemetry endpoint: expected a base URL such as %s: it does not parse", DefaultEndpoint)
	}
	switch {
	case u.User != nil, u.RawQuery != "", u.Fragment != "", u.Host == "", u.Opaque != "":
		return "", fmt.Errorf("telemetry endpoint: expected scheme, host and path alone, as in %s", DefaultEndpoint)
	case u.Scheme == "https", u.Scheme == "http" && isLoopback(u.Hostname()):
	default:
		return "", fmt.Errorf("telemetry endpoint: expected https (http to this machine alone), found %q", u.Scheme+"://"+u.Host)
	}
	return strings.TrimRight(u.String(), "/") + ingestPath, nil
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback() && net.ParseIP(host) != nil
}
