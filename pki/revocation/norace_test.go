//go:build !race

package revocation

// raceEnabled says that the race detector is on, which takes memory of its own.
const raceEnabled = false
