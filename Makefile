# Postern. `make run` builds and starts it, `make test` tests it all.

GO      ?= go
BIN     := bin/postern
DEPS    := openssl curl nginx-light haproxy chromium

# Node, 20.19 or newer, is needed for the portal's pages only; empty where it is not.
NODE    := $(shell node -p 'const [a, b] = process.versions.node.split("."); a > 20 || a == 20 && b >= 19 ? "yes" : ""' 2>/dev/null)

.PHONY: run build web test test-web test-short deps vet fmt fuzz soak scale bench bench-cel compat clean

run: build
	$(BIN) serve

# The binary, with the portal's pages where Node is and its registry can be reached; without them its page says how to make
# them.
build:
	@$(if $(NODE),$(MAKE) --no-print-directory web || echo "the portal's pages could not be built; the binary is built without them")
	$(GO) build -o $(BIN) ./cmd/postern

# The portal's pages, which the build embeds; git ignores them.
WEB_BUILT   := internal/portal/dist/app/index.html
WEB_SOURCES := $(shell git ls-files web 2>/dev/null | grep -E '^web/(src|public|scripts|index\.html|package|tsconfig|vite)')

web: $(WEB_BUILT)

$(WEB_BUILT): web/node_modules/.package-lock.json $(WEB_SOURCES)
	cd web && npm run build
	@touch $@

web/node_modules/.package-lock.json: web/package-lock.json
	cd web && export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 && (npm ci --no-audit --no-fund || npm ci --no-audit --no-fund)
	@touch $@

# Everything: formatting, vet, all tests. Ends with the Go test runner's summary.
test: deps fmt vet $(if $(NODE),test-web)
	$(GO) test -timeout 20m ./...

# The portal: its logic, and the built binary driven by Debian's Chromium. `make test` leaves it out where Node is not.
test-web: web build
	cd web && npm test && npm run e2e

vet:
	$(GO) vet ./...

fmt:
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); if [ -n "$$unformatted" ]; then echo "gofmt needed:"; echo "$$unformatted"; exit 1; fi

# Debian packages that tests and benchmarks use; nothing is done where all are there.
deps:
	@missing=$$(for p in $(DEPS); do dpkg -s $$p >/dev/null 2>&1 || echo $$p; done); \
	if [ -n "$$missing" ]; then \
	  if [ "$$(id -u)" = 0 ]; then apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing; \
	  else echo "install first: apt-get install $$missing"; exit 1; fi; fi

# Each fuzz target for a minute.
fuzz:
	@for p in $$($(GO) list ./...); do \
	  for f in $$($(GO) test -list '^Fuzz' $$p | grep '^Fuzz'); do \
	    echo "== $$p $$f"; $(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime 60s $$p || exit 1; done; done

# Rotation under load: 1,000 requests a second with client certificates while the server certificate and a reference rotate
# ten times; prints requests, failures and times. Then revocation with a host that flaps, hangs, lies and floods, for ten minutes.
soak:
	$(GO) test -count=1 -v -run 'TestRotationUnderLoad$$' ./test/e2e -rotation-load 1000
	$(GO) test -count=1 -v -timeout 20m -run 'TestSoak$$' ./pki/revocation -soak 10m

# One gateway with the revocation lists of a hundred CAs, a million entries each: times and memory (bench/revocation.md).
# Takes 7 GB of disk below $TMPDIR.
scale:
	$(GO) test -count=1 -v -timeout 40m -run 'TestScale$$' ./test/e2e -scale-issuers 100 -scale-entries 1000000

# CPU per request beside nginx, in one run.
bench: build deps
	$(GO) test -count=1 -v -run TestGate ./bench -requests 20000 -rounds 7

# Expressions in C#, CEL and Go, side by side (bench/cel/README.md).
bench-cel:
	cd bench/cel && GOFLAGS=-mod=mod $(GO) test -count=1 -bench . -benchmem -cpu 1 .

# Other people's suites and clients, each in a module of its own (test/compat). Azure's clients need the vault's names,
# which Debian's resolver does not know.
compat:
	@getent hosts default.vault.localhost >/dev/null || if [ -w /etc/hosts ]; then echo "127.0.0.1 default.vault.localhost vault.localhost" >>/etc/hosts; \
	  else echo "add to /etc/hosts first: 127.0.0.1 default.vault.localhost vault.localhost"; exit 1; fi
	@for m in $$(ls -d test/compat/*/go.mod); do echo "== $$m"; (cd $$(dirname $$m) && GOFLAGS=-mod=mod $(GO) test -count=1 -timeout 20m ./...) || exit 1; done

clean:
	rm -rf bin internal/portal/dist/app web/node_modules
