# Everything a developer runs. `make help` lists it.
SHELL := /bin/bash
.DEFAULT_GOAL := help

VERSION ?= $(shell sed -n 's/^const Version = "\(.*\)"/\1/p' probe/version.go)
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOLANGCI := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.12.2
# The pure-Go engine is several times faster with the compiler's SIMD experiment, which exists on amd64 only.
SIMD := $(if $(filter amd64,$(shell go env GOARCH)),GOEXPERIMENT=simd,)
GOBUILD := $(SIMD) go build -trimpath -ldflags "-s -w"

.PHONY: help
help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-24s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: probe ## bin/probe, bin/probe-purego (without cgo) and bin/collector
	CGO_ENABLED=0 $(GOBUILD) -o bin/probe-purego ./cmd/probe
	$(GOBUILD) -o bin/collector ./cmd/collector

.PHONY: probe
probe: ## bin/probe alone
	$(GOBUILD) -o bin/probe ./cmd/probe

.PHONY: demo
demo: ## build, fetch the real all-MiniLM-L6-v2 and ONNX Runtime, and probe it
	@./scripts/demo.sh

.PHONY: testenv
testenv: ## what the tests need: ONNX Runtime, real models, reference Python (pinned, into .testenv/)
	@./scripts/testenv.sh

.PHONY: test
test: testenv lint test-race test-nocgo ## everything that CI runs

.PHONY: lint
lint: ## gofmt, go vet, staticcheck and golangci-lint
	@files=$$(gofmt -l $$(git ls-files '*.go')); if [ -n "$$files" ]; then echo "gofmt wants to change:"; echo "$$files"; exit 1; fi
	go vet ./...
	CGO_ENABLED=0 go vet ./...
	go run $(STATICCHECK) ./...
	go run $(GOLANGCI) run --allow-parallel-runners ./...

.PHONY: test-race
# checkptr, which -race turns on, refuses how GoMLX's kernels walk their own buffers (uintptr arithmetic); it stays on elsewhere.
test-race: testenv ## the tests with cgo and the race detector
	CGO_ENABLED=1 go test -race -gcflags='github.com/gomlx/...=-d=checkptr=0' -timeout 15m ./...

.PHONY: test-nocgo
test-nocgo: testenv ## the tests as a build without cgo has them
	CGO_ENABLED=0 $(SIMD) go test -timeout 15m ./...

.PHONY: bench
bench: probe testenv ## Go benchmarks, then whole processes beside their Python peers
	go test -run '^$$' -bench . -benchmem ./...
	./scripts/peers/compare.sh

.PHONY: fuzz
fuzz: ## every fuzz target for 30 seconds
	@for target in $$(grep -rlE '^func Fuzz' --include='*_test.go' . | xargs -n1 dirname | sort -u); do \
	  for name in $$(grep -hoE '^func Fuzz[A-Za-z0-9_]+' $$target/*_test.go | sed 's/func //'); do \
	    echo "$$target $$name"; go test -run '^$$' -fuzz "^$$name$$" -fuzztime 30s $$target || exit 1; \
	  done; \
	done

.PHONY: clean
clean: ## remove what make built (not .testenv)
	rm -rf bin dist

.PHONY: tokenizer-differential
tokenizer-differential: testenv ## 10,000 random texts a tokenizer against Python's tokenizers
	PROBE_TOKENIZER_STRINGS=10000 go test -run TestDifferential -timeout 30m ./models/tokenizer
