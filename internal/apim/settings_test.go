package apim

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/postern-gateway/postern/pki/revocation"
)

func TestParseSettings(t *testing.T) {
	day := revocation.Mode{Failure: revocation.FailOpenUntil, Grace: 24 * time.Hour}
	for _, c := range []struct {
		name   string
		custom map[string]string
		want   Settings
		// wrong are parts of the messages, by the order of the keys.
		wrong []string
	}{
		{"nothing", nil, Settings{}, nil},
		{"others' properties", map[string]string{"Microsoft.WindowsAzure.ApiManagement.Gateway.Protocols.Server.Http2": "True", "Posternish": "x"}, Settings{}, nil},
		{"all defaults written out", map[string]string{SettingRevocationMode: "FailClosed", SettingRevocationCompat: "None", SettingSystemRoots: "False",
			SettingStrict: "False", SettingAIA: "False", SettingLimits: "None"}, Settings{}, nil},
		{"all on", map[string]string{SettingRevocationMode: "FailOpenUntil=PT24H", SettingRevocationCompat: "DotNet", SettingSystemRoots: "True",
			SettingStrict: "True", SettingAIA: "True", SettingLimits: "Apim"}, Settings{day, true, true, true, true, true}, nil},
		{"values in another case", map[string]string{SettingRevocationMode: "failopen", SettingRevocationCompat: "dotnet", SettingStrict: " true ", SettingLimits: "APIM"},
			Settings{Revocation: revocation.Mode{Failure: revocation.FailOpen}, DotNet: true, Strict: true, TierLimits: true}, nil},
		{"an unknown key", map[string]string{"Postern.Trust.Everybody": "True"}, Settings{}, []string{"Postern.Revocation.Mode, "}},
		{"a key in another case", map[string]string{"postern.trust.strict": "True"}, Settings{}, []string{"no setting 'postern.trust.strict'"}},
		{"a value that is none", map[string]string{SettingRevocationMode: "FailOpenUntil=1h", SettingStrict: "yes", SettingLimits: ""}, Settings{},
			[]string{"'' is not a value of Postern.Limits. Possible are: None, Apim.", "Possible are: FailClosed, FailOpen, FailOpenUntil=PT24H", "True, False"}},
		{"what can be read counts beside what cannot", map[string]string{SettingAIA: "1", SettingStrict: "True"}, Settings{Strict: true}, []string{SettingAIA}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, wrong := ParseSettings(c.custom)
			if got != c.want || len(wrong) != len(c.wrong) {
				t.Fatalf("ParseSettings(%v) = %+v, %v; want %+v and %d errors", c.custom, got, wrong, c.want, len(c.wrong))
			}
			for i, part := range c.wrong {
				if !strings.Contains(wrong[i].Message, part) {
					t.Errorf("error %d: %q; want %q in it", i, wrong[i].Message, part)
				}
			}
		})
	}
}

// TestSettingsAreDocumented keeps docs/settings.md whole.
func TestSettingsAreDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/settings.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range settings {
		at := strings.Index(string(page), "| `"+row.key+"` |")
		if at < 0 {
			t.Errorf("docs/settings.md lacks %s", row.key)
			continue
		}
		line, _, _ := strings.Cut(string(page)[at:], "\n")
		for value := range strings.SplitSeq(row.values, ", ") {
			value, _, _ = strings.Cut(value, " ")
			if !strings.Contains(line, "`"+value+"`") {
				t.Errorf("docs/settings.md lacks the value %s of %s", value, row.key)
			}
		}
	}
}
