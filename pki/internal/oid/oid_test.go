package oid

import "testing"

func TestNamesOfIdentifiers(t *testing.T) {
	for _, c := range []struct {
		name, id, friendly, short, long string
	}{
		{".NET's name comes first", "2.5.4.8", "S", "ST", "stateOrProvinceName"},
		{"a name of OpenSSL alone", "2.5.29.19", "X509v3 Basic Constraints", "basicConstraints", "X509v3 Basic Constraints"},
		{"one name is short and long", "2.5.4.97", "organizationIdentifier", "organizationIdentifier", "organizationIdentifier"},
		{"an unknown identifier", "1.3.6.1.4.1.55555.1", "", "1.3.6.1.4.1.55555.1", "1.3.6.1.4.1.55555.1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Friendly(c.id); got != c.friendly {
				t.Errorf("Friendly(%s) = %q, want %q", c.id, got, c.friendly)
			}
			if got := Short(c.id); got != c.short {
				t.Errorf("Short(%s) = %q, want %q", c.id, got, c.short)
			}
			if got := Long(c.id); got != c.long {
				t.Errorf("Long(%s) = %q, want %q", c.id, got, c.long)
			}
		})
	}
}

func TestNamedReadsEveryNameOfADirectoryAttribute(t *testing.T) {
	for name, want := range map[string]string{
		"cn": "2.5.4.3", "ST": "2.5.4.8", "s": "2.5.4.8", "stateOrProvinceName": "2.5.4.8",
		"E": "1.2.840.113549.1.9.1", "emailaddress": "1.2.840.113549.1.9.1", "UID": "0.9.2342.19200300.100.1.1",
		"userId": "0.9.2342.19200300.100.1.1", "SN": "2.5.4.4", "Phone": "2.5.4.20", "dc": "0.9.2342.19200300.100.1.25",
	} {
		if got, ok := Named(name); !ok || got != want {
			t.Errorf("Named(%q) = %q, %t; want %q", name, got, ok, want)
		}
	}
	if got, ok := Named("no such name"); ok {
		t.Errorf("Named of an unknown name = %q", got)
	}
}
