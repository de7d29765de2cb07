package revocation

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
)

// measureEnv makes TestMeasureChild read a list and say how much memory that takes.
const measureEnv = "POSTERN_TEST_MEASURE_CRL"

// TestAMillionEntriesFitIntoMemory reads a list of a million entries in a process of its own, as a gateway does.
func TestAMillionEntriesFitIntoMemory(t *testing.T) {
	if runtime.GOOS != "linux" || raceEnabled {
		t.Skip("resident memory is read from /proc, and without the race detector")
	}
	file := filepath.Join(t.TempDir(), "huge.crl")
	if err := os.WriteFile(file, hugeFor(t, 1_000_000), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, dir := range map[string]string{"on the heap": "", "in a mapped file": t.TempDir()} {
		cmd := exec.Command(os.Args[0], "-test.run=^TestMeasureChild$", "-test.v") //nolint:gosec // ourselves
		cmd.Env = append(os.Environ(), measureEnv+"="+file, measureEnv+"_DIR="+dir)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		_, line, _ := strings.Cut(string(out), "measured: ")
		line, _, _ = strings.Cut(line, "\n")
		var before, after, peak int
		if _, err := fmt.Sscan(line, &before, &after, &peak); err != nil {
			t.Fatalf("%q: %v", out, err)
		}
		t.Logf("%s: %d MiB resident for the list, %d MiB at the peak of reading", name, (after-before)>>10, (peak-before)>>10)
		if limit := 40 << 10; after-before > limit {
			t.Errorf("%s: %d KiB resident, want at most %d", name, after-before, limit)
		}
		if limit := 96 << 10; peak-before > limit {
			t.Errorf("%s: %d KiB at the peak, want at most %d", name, peak-before, limit)
		}
	}
}

// TestMeasureChild is the other process.
func TestMeasureChild(t *testing.T) {
	name := os.Getenv(measureEnv)
	if name == "" {
		t.Skip("run by TestAMillionEntriesFitIntoMemory")
	}
	before := resident(t, "VmRSS:")
	if os.Getenv(measureEnv+"_DIR") != "" {
		before = resident(t, "RssAnon:")
	}
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	list, err := ReadCRL(file, maxListBytes)
	if err != nil {
		t.Fatal(err)
	}
	list.entries.settle(os.Getenv(measureEnv + "_DIR"))
	debug.FreeOSMemory()
	for n := range 1000 {
		if !list.lookup(hugeSerial(n*997), list.issuer).revoked {
			t.Fatalf("entry %d is not found", n*997)
		}
	}
	what := "VmRSS:"
	if list.entries.mapped != nil {
		what = "RssAnon:" // pages of a mapped file are the kernel's to take back
	}
	fmt.Printf("measured: %d %d %d\n", before, resident(t, what), resident(t, "VmHWM:"))
	runtime.KeepAlive(list)
}

// resident reads a line of /proc/self/status, in KiB.
func resident(t *testing.T, what string) int {
	t.Helper()
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := bytes.Cut(text, []byte(what))
	fields := bytes.Fields(rest)
	n, err := strconv.Atoi(string(fields[0]))
	if err != nil {
		t.Fatal(err)
	}
	return n
}
