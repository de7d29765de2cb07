package apim

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/postern-gateway/postern/pki/revocation"
)

// SettingPrefix is what the keys of Postern's own settings among a service's custom properties begin with.
const SettingPrefix = "Postern."

// The keys of the settings.
const (
	// SettingRevocationMode says what happens where revocation cannot be proved: see revocation.ParseMode.
	SettingRevocationMode = "Postern.Revocation.Mode"
	// SettingRevocationCompat is "DotNet": revocation is judged exactly as .NET on Linux judges it.
	SettingRevocationCompat = "Postern.Revocation.Compat"
	// SettingSystemRoots is "True": the system's roots are trusted for client certificates too.
	SettingSystemRoots = "Postern.Trust.SystemRoots"
	// SettingStrict is "True": chains are judged by the letter of RFC 5280, in strict mode.
	SettingStrict = "Postern.Trust.Strict"
	// SettingAIA is "True": missing issuers are fetched from the address in a certificate.
	SettingAIA = "Postern.Trust.Aia"
	// SettingLimits is "None", or "Apim": the limits of API Management's tiers.
	SettingLimits = "Postern.Limits"
)

// Settings are Postern's own settings of a service, read from its custom properties. The zero value is the default of each.
type Settings struct {
	// Revocation is how revocation is judged where no policy says otherwise.
	Revocation revocation.Mode
	// DotNet judges revocation as .NET on Linux does, in its laxer places too.
	DotNet bool
	// SystemRoots trusts the system's roots for client certificates, Strict judges chains in strict mode, AIA fetches
	// missing issuers.
	SystemRoots, Strict, AIA bool
	// TierLimits holds the service to the limits of its API Management tier.
	TierLimits bool
}

// SettingError is a custom property that is no setting, or whose value is none of its values.
type SettingError struct {
	// Key is the custom property's.
	Key string
	// Message says what is wrong and what is possible.
	Message string
}

// setting is one row of the table of settings.
type setting struct {
	key string
	// values says what is possible, for people.
	values string
	read   func(s *Settings, value string) bool
}

var settings = []setting{
	{SettingRevocationMode, "FailClosed, FailOpen, FailOpenUntil=PT24H (or another ISO 8601 duration)", func(s *Settings, value string) (ok bool) {
		mode, err := revocation.ParseMode(value)
		s.Revocation = mode
		return err == nil
	}},
	{SettingRevocationCompat, "None, DotNet", choice("DotNet", "None", func(s *Settings) *bool { return &s.DotNet })},
	{SettingSystemRoots, "True, False", choice("True", "False", func(s *Settings) *bool { return &s.SystemRoots })},
	{SettingStrict, "True, False", choice("True", "False", func(s *Settings) *bool { return &s.Strict })},
	{SettingAIA, "True, False", choice("True", "False", func(s *Settings) *bool { return &s.AIA })},
	{SettingLimits, "None, Apim", choice("Apim", "None", func(s *Settings) *bool { return &s.TierLimits })},
}

// choice reads one of two words into a switch.
func choice(on, off string, of func(*Settings) *bool) func(*Settings, string) bool {
	return func(s *Settings, value string) bool {
		*of(s) = strings.EqualFold(value, on)
		return *of(s) || strings.EqualFold(value, off)
	}
}

// ParseSettings reads the settings among a service's custom properties. Other properties are left alone. A setting that
// cannot be read keeps its default, which is the closed one, and comes back as an error, in the order of the keys.
func ParseSettings(custom map[string]string) (Settings, []SettingError) {
	var s Settings
	var wrong []SettingError
	for _, key := range slices.Sorted(maps.Keys(custom)) {
		if len(key) < len(SettingPrefix) || !strings.EqualFold(key[:len(SettingPrefix)], SettingPrefix) {
			continue
		}
		i := slices.IndexFunc(settings, func(row setting) bool { return row.key == key })
		if i < 0 {
			wrong = append(wrong, SettingError{key, fmt.Sprintf("Postern has no setting '%s'. Its settings are: %s.", key, strings.Join(settingKeys(), ", "))})
			continue
		}
		next := s
		if value := strings.TrimSpace(custom[key]); !settings[i].read(&next, value) {
			wrong = append(wrong, SettingError{key, fmt.Sprintf("'%s' is not a value of %s. Possible are: %s.", value, key, settings[i].values)})
			continue
		}
		s = next
	}
	return s, wrong
}

func settingKeys() []string {
	keys := make([]string, len(settings))
	for i, row := range settings {
		keys[i] = row.key
	}
	return keys
}

// Settings are the service's settings; what cannot be read has its default.
func (s *Service) Settings() Settings {
	settings, _ := ParseSettings(s.CustomProperties)
	return settings
}
