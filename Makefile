# What there is to do: `make help`.

RUNTIME_PACKAGES := libcurl4-openssl-dev libxlsxwriter-dev libminizip-dev libzip-dev libsqlite3-dev libpq-dev libisal-dev zlib1g-dev
TEST_PACKAGES    := postgresql-15 python3 python3-venv libreoffice-calc erlang-base nodejs openjdk-17-jdk-headless openssl unzip tzdata iproute2 nginx-light curl
BENCH_PACKAGES   := wrk nginx-light caddy python3-venv

# Release binaries carry the Swift runtime: faster calls, and they run where no Swift is installed.
RELEASE := swift build -c release --static-swift-stdlib

# The program of `make fuzz` brings its own main, so it takes libFuzzer without one.
FUZZ_RUNTIME = $(shell swiftc -print-target-info | sed -n 's/.*"runtimeResourcePath": "\(.*\)".*/\1/p')/clang/lib/linux
FUZZ_BUILD = swift build -c release --scratch-path .build-fuzz -Xlinker -lstdc++ \
	-Xlinker $(FUZZ_RUNTIME)/libclang_rt.fuzzer_no_main-$(shell uname -m).a

# Tests wait for real sockets and processes: all of them at once would only wait for each other.
TESTS_AT_ONCE := 4

# How long `make fuzz` searches each target.
SECONDS_EACH := 60

.PHONY: help build run demo test soak fuzz bench check format setup setup-test setup-bench

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: setup ## build .build/release/pailou
	$(RELEASE) --product pailou

run: build ## start the whole system in the foreground on the documented ports
	.build/release/pailou serve

demo: build ## export 100,000 rows through the whole system, download and open the file
	.build/release/pailou demo

test: setup setup-test ## build and pass all tests
	swift build --build-tests
	SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=$(TESTS_AT_ONCE) swift test --skip-build

soak: setup setup-test ## 200 exports at once, 1,000 drains under load, 200 crashes and 50 of the store's server, 10,000 simulated networks and lives of queues and tasks
	swift build --build-tests
	TEST_EXPORTS=200 TEST_DRAINS=1000 TEST_CRASHES=200 TEST_SERVER_CRASHES=50 TEST_SEEDS=10000 TEST_JOB_SEEDS=10000 TEST_SCRAPE_SEEDS=10000 \
		swift test --skip-build --filter 'ExportSoakTests|DrainProofTests|CrashLoopTests|ServerCrashTests|SimulationTests'

fuzz: setup ## search SECONDS_EACH (60) a target for octets that break what reads them
	PAILOU_FUZZ=1 $(FUZZ_BUILD) --product fuzz
	@set -e; for folder in Tests/FuzzTests/Corpus/*; do \
		target=$$(basename $$folder); mkdir -p .build-fuzz/corpus/$$target; \
		echo "fuzz $$target: $(SECONDS_EACH) s; an input that breaks it is kept as .build-fuzz/$$target-crash-..."; \
		SWIFT_BACKTRACE=enable=no .build-fuzz/release/fuzz --target=$$target -max_total_time=$(SECONDS_EACH) -max_len=4096 \
			-timeout=20 -print_final_stats=1 -artifact_prefix=.build-fuzz/$$target- .build-fuzz/corpus/$$target $$folder; \
	done

bench: setup setup-bench build ## print ratios against baselines run beside us
	$(RELEASE) --product benchmarks
	.build/release/benchmarks all

check: build ## formatting and façade documents
	swift format lint --strict --recursive Package.swift Sources Tests protocol clients/swift
	.build/release/pailou facade check protocol/rest/*.yaml

format: ## format all Swift files
	swift format --in-place --recursive Package.swift Sources Tests protocol clients/swift

setup:
	@$(call install,$(RUNTIME_PACKAGES))
setup-test:
	@$(call install,$(TEST_PACKAGES))
setup-bench:
	@$(call install,$(BENCH_PACKAGES))

# Installs the Debian packages that are not there yet; asks for nothing if all are.
define install
missing=$$(for p in $(1); do dpkg-query -W -f '$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || echo $$p; done); \
if [ -n "$$missing" ]; then \
	sudo=$$([ "$$(id -u)" = 0 ] || echo sudo); \
	$$sudo apt-get update -qq && \
	$$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing; \
fi
endef
