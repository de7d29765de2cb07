package clr

import "testing"

func TestDeclarationsParse(t *testing.T) {
	for _, err := range Universe().CheckAll() {
		t.Error(err)
	}
}
