package vault

import "time"

// Event is something that happened to an object.
type Event struct {
	Kind string
	Time time.Time
}
