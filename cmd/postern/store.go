package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/postern-gateway/postern/fault"
	"github.com/postern-gateway/postern/internal/app"
	"github.com/postern-gateway/postern/internal/backup"
	"github.com/postern-gateway/postern/internal/config"
	"github.com/postern-gateway/postern/internal/store/seal"
)

func keyCommand() *cobra.Command {
	c := &cobra.Command{Use: "key", Short: "The master key, which seals private keys and secrets in the store"}
	c.AddCommand(keyRotateCommand(), keyGenerateCommand())
	return c
}

func keyRotateCommand() *cobra.Command {
	var dataDir string
	c := &cobra.Command{
		Use:   "rotate",
		Short: "Give the master key a new key, and seal every secret anew with it",
		Long: `Gives the master key of the running postern a new key and seals every secret of the store anew with it, while
everything goes on. Older keys stay in the master key, since older backups need them.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			client, _, err := connect(dataDir)
			if err != nil {
				return err
			}
			client.HTTP.Timeout = 0 // a large store takes its time; Ctrl-C ends it
			var r seal.Report
			if _, err := client.Do(c.Context(), "POST", app.RotatePath, nil, &r); err != nil {
				return clientError(err)
			}
			fmt.Fprintf(c.OutOrStdout(), "rotated; %d secrets of %d entries were sealed anew\n", r.Tokens, r.Entries)
			if len(r.Left) > 0 {
				return refusal{fmt.Errorf("these entries hold secrets that were not, and still open with an older key:\n  %s", strings.Join(r.Left, "\n  "))}
			}
			return nil
		},
	}
	dataDirFlag(c, &dataDir)
	return c
}

func keyGenerateCommand() *cobra.Command {
	var addTo string
	c := &cobra.Command{
		Use:   "generate",
		Short: "Print a master key for " + config.MasterKeysetEnv + ", or for a file",
		Long: `Prints a new master key, as ` + config.MasterKeysetEnv + ` or the file of --master-key takes it. With --add-to it prints the
master key of that file with a new key, which seals from then on: so a master key of the environment is rotated.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			previous := ""
			if addTo != "" {
				data, err := os.ReadFile(addTo)
				if err != nil {
					return err
				}
				previous = string(data)
			}
			text, err := seal.Generate(previous)
			if err != nil {
				return err
			}
			fmt.Fprintln(c.OutOrStdout(), text)
			return nil
		},
	}
	c.Flags().StringVar(&addTo, "add-to", "", "file of the master key to add to")
	return c
}

func backupCommand() *cobra.Command {
	var dataDir string
	c := &cobra.Command{
		Use:   "backup FILE",
		Short: "Write a sealed backup of the running postern's store",
		Long: `Writes everything that the store of the running postern holds to FILE, sealed. The master key that sealed it opens
it again, and must be kept apart from it: it is not in the backup.`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			client, _, err := connect(dataDir)
			if err != nil {
				return err
			}
			client.HTTP.Timeout = 0
			if err := writeWhole(args[0], func(w io.Writer) error { return client.Download(c.Context(), app.BackupPath, w) }); err != nil {
				return clientError(err)
			}
			fmt.Fprintf(c.ErrOrStderr(), "wrote %s; keep the master key apart from it\n", args[0])
			return nil
		},
	}
	dataDirFlag(c, &dataDir)
	return c
}

// writeWhole writes a file that is there, whole and durable, or not at all. One that is there already is refused.
func writeWhole(name string, write func(io.Writer) error) error {
	if _, err := os.Lstat(name); err == nil {
		return fmt.Errorf("%s is there already", name)
	}
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*") // 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone after the link
	if err := errors.Join(write(f), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Link(f.Name(), name)
}

func restoreCommand() *cobra.Command {
	values := map[string]*string{"data-dir": new(string), "master-key": new(string), "master-key-kms": new(string)}
	c := &cobra.Command{
		Use:   "restore FILE",
		Short: "Restore a backup to a data directory without a store",
		Long: `Restores a backup to a data directory that has no store yet; postern must not be running on it. The master key that
made the backup, or a later one that holds its keys, must be there: master.key in the data directory, --master-key, or
` + config.MasterKeysetEnv + `. The administrator gets a new credential at the next start.`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			flags := func(name string) ([]string, bool) {
				if v := values[name]; v != nil && c.Flags().Changed(name) {
					return []string{*v}, true
				}
				return nil, false
			}
			cfg, err := config.Load(flags, os.LookupEnv, "")
			if err != nil {
				return err
			}
			return restore(c, cfg, args[0])
		},
	}
	for _, s := range config.Settings {
		if v := values[s.Name]; v != nil {
			c.Flags().StringVar(v, s.Name, "", s.Help)
		}
	}
	return c
}

func restore(c *cobra.Command, cfg config.Config, file string) error {
	in, err := os.Open(file)
	if err != nil {
		return err
	}
	defer in.Close()
	var h backup.Header
	if h, err = app.Restore(c.Context(), cfg, in); err != nil {
		if k := fault.KindOf(err); errors.Is(err, app.ErrConfig) || k == fault.Invalid {
			return err
		}
		return refusal{err}
	}
	fmt.Fprintf(c.OutOrStdout(), "restored %d entries of %s to %s\n", h.Entries, h.Created.Local().Format("2006-01-02 15:04:05"), cfg.DataDir)
	return nil
}
