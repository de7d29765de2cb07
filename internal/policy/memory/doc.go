// Package memory is what policies remember between requests: a cache of
// values, and counters of calls. It is in the process's memory, bounded, and
// shared by all requests; a restart forgets it, and two processes know nothing
// of each other's.
package memory
