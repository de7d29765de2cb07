package main

import (
	"errors"
	"os"

	"github.com/spf13/cobra"

	"github.com/postern-gateway/postern/internal/app"
	"github.com/postern-gateway/postern/internal/config"
)

func serveCommand() *cobra.Command {
	var file string
	c := &cobra.Command{
		Use:   "serve",
		Short: "Run everything: gateway, management API, store",
		Args:  cobra.NoArgs,
	}
	c.Flags().StringVar(&file, "config", "", "file of settings (YAML)")
	values := map[string]*[]string{}
	for _, s := range config.Settings {
		v := new([]string)
		values[s.Name] = v
		help := s.Help
		if s.Default != "" {
			help += " (default " + s.Default + ")"
		}
		c.Flags().StringArrayVar(v, s.Name, nil, help+" [$"+s.Env()+"]")
		c.Flags().Lookup(s.Name).DefValue = ""
	}
	c.RunE = func(c *cobra.Command, _ []string) error {
		flags := func(name string) ([]string, bool) {
			given := *values[name]
			return given, c.Flags().Changed(name)
		}
		cfg, err := config.Load(flags, os.LookupEnv, file)
		if err != nil {
			return err
		}
		app.Version = version
		if err := app.Run(c.Context(), cfg, c.ErrOrStderr(), c.OutOrStdout()); err != nil {
			if errors.Is(err, app.ErrConfig) {
				return err
			}
			return refusal{err}
		}
		return nil
	}
	return c
}
