# Each target installs what it lacks first (Scripts/setup). After that plain `swift build`, `swift test` and
# `swift run isda` work too. LIBTORCH=/path/to/libtorch selects another libtorch than the downloaded one.

.DEFAULT_GOAL := help
.PHONY: help setup demo test crash-test fuzz browser-test fuzz-explorer notebooks bench format lint check-setup clean

# What git knows and what it does not ignore, so that build folders stay out.
swift_files = git ls-files -z --cached --others --exclude-standard -- '*.swift'

help: ## print this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

setup: ## install what is missing: libtorch, Cairo, libpng, libjpeg-turbo, zlib, OpenSSL, Boost.Math
	@Scripts/setup

demo: setup ## the main job, from images to figures
	swift run -c release isda demo

# Swift Testing runs tests in parallel by itself, and suites that count live tensors are serialized in the code. Threads
# that wait sleep at once, because another test wants the core.
test: setup ## the whole test suite
	OMP_WAIT_POLICY=passive swift test

crash-test: setup ## kill a training at random moments, resume it, and compare the end; about three minutes
	swift build --product isda
	Tests/CrashTests/kill-at-random --isda "$$(swift build --show-bin-path)/isda"

fuzz: setup ## give made-up files to every reader, MINUTES=1 each (READERS="png jpeg" for some)
	MINUTES=$(or $(MINUTES),1) Tests/Fuzz/run $(READERS)

browser-test: ## try the explorer's page in Chromium; trains two small runs the first time
	@Scripts/setup browser
	swift build -c release --product isda
	Tests/BrowserTests/.venv/bin/python -m pytest -q -p no:cacheprovider Tests/BrowserTests

fuzz-explorer: setup ## 10 minutes of malformed requests to the explorer (RUN=analysed run folder)
	swift build --product isda
	Tests/CrashTests/malformed-requests --isda "$$(swift build --show-bin-path)/isda" $(RUN)

notebooks: ## execute Notebooks/*.ipynb from top to bottom; results in runs/notebooks
	@Scripts/setup notebooks
	swift build -c release --product isda
	PATH="$$(swift build -c release --show-bin-path):$(CURDIR)/.venv/bin:$$PATH" \
	  .venv/bin/jupyter-nbconvert --to notebook --execute --output-dir runs/notebooks Notebooks/*.ipynb

bench: ## speed beside PyTorch (CASES="term step/resnet32" OPTIONS=--quick); results in Benchmarks/results
	@Scripts/setup bench
	swift build -c release --package-path Benchmarks
	Benchmarks/.build/release/isda-bench $(CASES) $(OPTIONS)

format: ## format the Swift code in place
	$(swift_files) | xargs -0 swift format format --in-place --parallel

lint: ## check the format of the Swift code, and the scripts where shellcheck is installed
	$(swift_files) | xargs -0 swift format lint --strict --parallel
	if command -v shellcheck >/dev/null; then shellcheck Scripts/setup Scripts/test-setup Scripts/cuda-bundle Scripts/bundle/* Tests/Fuzz/run .ci/run; fi

check-setup: ## try the set-up itself: from nothing, again, interrupted, without network
	Scripts/test-setup

clean: ## remove what was built; the downloaded libtorch stays
	rm -rf .build .build-fuzz .venv Benchmarks/.build Benchmarks/.venv Tests/BrowserTests/.venv
