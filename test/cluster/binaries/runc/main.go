// Package main runs runc without CAP_SYS_RESOURCE. A privileged container asks for every capability that there is; on a
// machine that has taken this one out of its bounding set the kernel refuses all of them.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

const missing = "CAP_SYS_RESOURCE"

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "runc without "+missing+":", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	for index, arg := range args {
		flag, file, joined := strings.Cut(arg, "=")
		if !joined && index+1 < len(args) {
			file = args[index+1]
		}
		switch flag {
		case "--bundle", "-b":
			if err := withoutCapability(filepath.Join(file, "config.json")); err != nil {
				return err
			}
		case "--process", "-p":
			if err := withoutCapability(file); err != nil {
				return err
			}
		}
	}
	runc, err := exec.LookPath("runc")
	if err != nil {
		return err
	}
	return syscall.Exec(runc, append([]string{"runc"}, args...), os.Environ())
}

// The capabilities of a bundle's config.json lie in its process; a process file for `runc exec` is that process.
func withoutCapability(file string) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var spec map[string]any
	if err := json.Unmarshal(content, &spec); err != nil {
		return err
	}
	process, isBundle := spec["process"].(map[string]any)
	if !isBundle {
		process = spec
	}
	sets, _ := process["capabilities"].(map[string]any)
	for name, set := range sets {
		kept := []any{}
		for _, capability := range set.([]any) {
			if capability != missing {
				kept = append(kept, capability)
			}
		}
		sets[name] = kept
	}
	if content, err = json.Marshal(spec); err != nil {
		return err
	}
	return os.WriteFile(file, content, 0o600)
}
