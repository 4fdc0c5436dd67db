package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/spf13/cobra"

	"github.com/divinedevops/probe/collect"
	"github.com/divinedevops/probe/collect/store"
	"github.com/divinedevops/probe/collect/store/ndjson"
	"github.com/divinedevops/probe/internal/exitcode"
)

type serveOptions struct {
	listen, store, key, ip string
	proxies                []string
	tlsCert, tlsKey        string
	rate, burst            float64
	segmentMB              int
	grace                  time.Duration
	metricsListen          string
	connections, each      int
}

func serveCommand(e environment) *cobra.Command {
	var o serveOptions
	cmd := &cobra.Command{
		Use: "serve", Short: "Take events over HTTP", Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return serve(cmd, e, o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.listen, "listen", "127.0.0.1:8080", "address to listen on")
	f.StringVar(&o.store, "store", "collected", storeHelp)
	f.StringVar(&o.key, "key", "", "shared key that senders must have in X-Telemetry-Key (better in COLLECTOR_KEY)")
	f.StringVar(&o.ip, "ip", "drop", "what is kept of senders' addresses: store, truncate or drop")
	f.StringSliceVar(&o.proxies, "trusted-proxy", nil, "networks whose X-Forwarded-For is believed")
	f.StringVar(&o.tlsCert, "tls-cert", "", "certificate file, for HTTPS")
	f.StringVar(&o.tlsKey, "tls-key", "", "key file, for HTTPS")
	f.Float64Var(&o.rate, "rate", 10, "events a second that a client may send in the long run; 0 for no limit")
	f.Float64Var(&o.burst, "burst", 200, "events that a client may send at once")
	f.IntVar(&o.segmentMB, "segment-mb", ndjson.DefaultSegmentBytes>>20, "size at which a new NDJSON file is begun")
	f.IntVar(&o.connections, "max-connections", 0, "connections open at once; 0 for half of the process's descriptors, at most 4096")
	f.IntVar(&o.each, "max-connections-per-client", 0, "connections of one client; 0 for a quarter of all, at most 64")
	f.StringVar(&o.metricsListen, "metrics-listen", "", "address to answer /metrics on, instead of beside the rest")
	f.DurationVar(&o.grace, "grace", 20*time.Second, "how long requests under way may take after SIGTERM")
	return cmd
}

func serve(cmd *cobra.Command, e environment, o serveOptions) error {
	ip, err := collect.ParseIPMode(o.ip)
	if err != nil {
		return &exitcode.Error{Code: exitcode.Usage, Err: err}
	}
	proxies, err := collect.ParseProxies(o.proxies)
	if err != nil {
		return &exitcode.Error{Code: exitcode.Usage, Err: err}
	}
	if (o.tlsCert == "") != (o.tlsKey == "") {
		return exitcode.Errorf(exitcode.Usage, "expected both --tls-cert and --tls-key, or neither")
	}
	if o.segmentMB < 1 {
		return exitcode.Errorf(exitcode.Usage, "--segment-mb: expected at least 1, found %d", o.segmentMB)
	}
	log := slog.New(slog.NewTextHandler(e.stderr, nil))
	if o.connections < 0 || o.each < 0 {
		return exitcode.Errorf(exitcode.Usage, "--max-connections, --max-connections-per-client: expected 0 or more")
	}
	sink, err := opened(stores.OpenSink(cmd.Context(), o.store, store.Options{SegmentBytes: int64(o.segmentMB) << 20, Log: log}))
	if err != nil {
		return err
	}
	source, _ := sink.(store.Source)
	var networkKey []byte
	if keyed, ok := sink.(store.NetworkKeyed); ok {
		if networkKey, err = keyed.NetworkKey(cmd.Context()); err != nil {
			_ = sink.Close()
			return err
		}
	}
	listener, metrics, err := listeners(o)
	if err != nil {
		_ = sink.Close()
		return fmt.Errorf("listen: %w", err)
	}
	all, each := connectionBounds(o.connections, o.each, descriptors())
	server := collect.NewServer(collect.Options{
		Sink: sink, Source: source, Key: o.key, NetworkKey: networkKey, IP: ip, TrustedProxies: proxies, Rate: o.rate, Burst: o.burst, Now: e.now, Log: log,
		MaxConnections: all, MaxConnectionsPerClient: each, Metrics: metrics,
	})
	scheme := "http"
	if o.tlsCert != "" {
		scheme = "https"
	}
	log.Info("collector serves", "url", scheme+"://"+listener.Addr().String(), "version", e.version)
	err = server.Serve(cmd.Context(), listener, o.tlsCert, o.tlsKey, o.grace)
	if closeErr := sink.Close(); err == nil {
		err = closeErr
	}
	log.Info("collector ends")
	return err
}

// listeners opens the addresses to serve on; that of the metrics is nil if they have none of their own.
func listeners(o serveOptions) (events, metrics net.Listener, err error) {
	if events, err = net.Listen("tcp", o.listen); err != nil || o.metricsListen == "" {
		return events, nil, err
	}
	if metrics, err = net.Listen("tcp", o.metricsListen); err != nil {
		return nil, nil, errors.Join(err, events.Close())
	}
	return events, metrics, nil
}
