// Package element has the policy elements, one file for each: where it may
// stand, what it is written with, and what it does. All lists them; a new
// element is a new file, its test, and a line there.
package element
