package main

import (
	"bytes"
	"errors"

	"gopkg.in/yaml.v3"
)

type kubeconfigVerdict struct {
	Error   string           `json:"error"`
	Context string           `json:"context"`
	Server  string           `json:"server"`
	Client  certificateFacts `json:"client"`
}

type kubeconfig struct {
	APIVersion     string `yaml:"apiVersion"`
	Kind           string `yaml:"kind"`
	CurrentContext string `yaml:"current-context"`
	Clusters       []struct {
		Name    string `yaml:"name"`
		Cluster struct {
			Server string `yaml:"server"`
			CA     string `yaml:"certificate-authority-data"`
		} `yaml:"cluster"`
	} `yaml:"clusters"`
	Users []struct {
		Name string `yaml:"name"`
		User struct {
			Crt string `yaml:"client-certificate-data"`
			Key string `yaml:"client-key-data"`
		} `yaml:"user"`
	} `yaml:"users"`
	Contexts []struct {
		Name    string `yaml:"name"`
		Context struct {
			Cluster   string `yaml:"cluster"`
			Namespace string `yaml:"namespace"`
			User      string `yaml:"user"`
		} `yaml:"context"`
	} `yaml:"contexts"`
}

func judgeKubeconfig(text string) *kubeconfigVerdict {
	verdict := &kubeconfigVerdict{}
	if err := verdict.read(text); err != nil {
		verdict.Error = err.Error()
	}

	return verdict
}

func (verdict *kubeconfigVerdict) read(text string) error {
	var config kubeconfig

	decoder := yaml.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.KnownFields(true)

	if err := decoder.Decode(&config); err != nil {
		return err
	}

	if len(config.Clusters) != 1 || len(config.Users) != 1 || len(config.Contexts) != 1 {
		return errors.New("not exactly one cluster, user and context")
	}

	cluster, user, context := config.Clusters[0], config.Users[0], config.Contexts[0]
	if context.Context.Cluster != cluster.Name || context.Context.User != user.Name || config.CurrentContext != context.Name {
		return errors.New("the names do not lead to each other")
	}

	verdict.Context, verdict.Server = context.Name, cluster.Cluster.Server

	var err error
	verdict.Client, err = clientOf(cluster.Cluster.CA, user.User.Crt, user.User.Key)

	return err
}
