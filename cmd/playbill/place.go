package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"playbill/core/config"
)

// configName is the configuration file in a demo's data directory.
const configName = "config.hcl"

// place is where a command finds what is stored: a demo's data directory, or a configuration file.
type place struct{ data, config string }

// flags adds --data and --config to a command.
func (p *place) flags(c *cobra.Command) {
	c.Flags().StringVar(&p.data, "data", "", "a demo's data `DIR`")
	c.Flags().StringVar(&p.config, "config", "", "a configuration `FILE`")
}

// load reads the configuration that the flags name.
func (p place) load() (*config.File, error) {
	switch {
	case (p.data == "") == (p.config == ""):
		return nil, usage("Say where the data is: --data DIR for a demo's directory, or --config FILE.")
	case p.config != "":
		return loadConfig(p.config)
	}
	path := filepath.Join(p.data, configName)
	file, err := config.Load(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, say("There is no demo in %s: it has no %s. Start one with “playbill demo --data %s”, or name a configuration with --config FILE.",
			p.data, configName, p.data)
	}
	if err != nil {
		return nil, unreadable(path, err)
	}
	return within(file, p.data), nil
}

// within is a configuration whose data is in dir, whatever the file says: a demo's directory may be moved.
func within(file *config.File, dir string) *config.File {
	file.Config = file.Config.Clone()
	file.Config.DataDir = dir
	return file
}

// loadConfig reads a configuration file.
func loadConfig(path string) (*config.File, error) {
	file, err := config.Load(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	return file, nil
}

// unreadable says in one sentence why a configuration cannot be read. Problems in it speak for themselves.
func unreadable(path string, err error) error {
	var in *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return say("There is no file %s. Copy config.example.hcl there to begin with, or name another with --config FILE.", path)
	case errors.As(err, &in):
		return say("%s cannot be read: %w.", path, in.Err)
	}
	return err
}

// prepare makes the data directory and proves that files can be made in it. flag is how the user names another one.
func prepare(dir, flag string) error {
	err := os.MkdirAll(dir, 0o700)
	if err == nil {
		var probe *os.File
		if probe, err = os.CreateTemp(dir, ".probe-*"); err == nil {
			err = errors.Join(probe.Close(), os.Remove(probe.Name()))
		}
	}
	if err == nil {
		return nil
	}
	why := err
	var in *fs.PathError
	if errors.As(err, &in) {
		why = in.Err
	}
	return say("%s cannot be written: %w. Give this user the right to write there, or choose another directory with %s.", dir, why, flag)
}
