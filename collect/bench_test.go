package collect

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/divinedevops/probe/collect/store/postgres"
	"github.com/divinedevops/probe/collect/store/storetest"
	"github.com/divinedevops/probe/internal/testenv"
)

// benchmarkIngest sends events of the usual size over 64 connections to a real listener, the load generator in the same
// process, and reports durable acknowledgements a second.
func benchmarkIngest(b *testing.B, s storetest.Store) {
	const connections = 64
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- NewServer(with(s)).Serve(ctx, listener, "", "", time.Minute) }()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections, MaxConnsPerHost: connections}}
	url := "http://" + listener.Addr().String() + IngestPath
	var next atomic.Int64
	run := fmt.Sprint(b.N, time.Now().UnixNano())
	b.ResetTimer()
	var wait sync.WaitGroup
	for range connections {
		wait.Go(func() {
			for {
				n := next.Add(1)
				if n > int64(b.N) {
					return
				}
				body := fmt.Appendf(nil, `{"hwid":"0d9be1b5-7fb0-4b62-9a4c-5fd0d3f3c001","event_name":"model_registration",`+
					`"app_version":"0.1.0","client_type":"probe","metadata":{"model_name":"sentence-transformers/all-MiniLM-L6-v2",`+
					`"model_source":"sentence-transformers","model_version":"c9745ed1d9f207416be6d2e6f8de32d1f16199bf",`+
					`"embedding_dimension":384,"modalities":["text"],"distance_metric":"cosine","normalization":"l2",`+
					`"load_success":true,"inference_success":true,"device_type":"cpu","local_path_hash":null,`+
					`"timestamp":"2026-11-23T10:00:00Z","client_id":"0d9be1b5-7fb0-4b62-9a4c-5fd0d3f3c001","event_id":"%s-%d",`+
					`"pooling":"mean","max_sequence_length":256,"drift":[],"parameters":22713216,"dtype":"float32"}}`, run, n)
				resp, err := client.Post(url, "application/json", bytes.NewReader(body))
				if err != nil {
					b.Error(err)
					return
				}
				_, _ = io.Copy(io.Discard, resp.Body)
				_ = resp.Body.Close()
				if resp.StatusCode != http.StatusCreated {
					b.Errorf("status %d", resp.StatusCode)
					return
				}
			}
		})
	}
	wait.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
	client.CloseIdleConnections()
	stop()
	if err := <-served; err != nil {
		b.Error(err)
	}
}

func BenchmarkIngestNDJSON(b *testing.B) { benchmarkIngest(b, openNDJSON(b, b.TempDir())) }

func BenchmarkIngestPostgres(b *testing.B) {
	store, err := postgres.Open(context.Background(), testenv.Postgres(b))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = store.Close() })
	benchmarkIngest(b, store)
}
