package main

import (
	gocrypto "crypto"
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"slices"
	"time"

	crypto "github.com/siderolabs/crypto/x509"
)

// certificateFacts is all that two certificates of one kind have in common.
type certificateFacts struct {
	Subject            string   `json:"subject"`
	Issuer             string   `json:"issuer"`
	SignatureAlgorithm string   `json:"signatureAlgorithm"`
	PublicKey          string   `json:"publicKey"`
	KeyLabel           string   `json:"keyLabel"`
	IsCA               bool     `json:"isCA"`
	Seconds            float64  `json:"seconds"`
	KeyUsage           int      `json:"keyUsage"`
	ExtKeyUsages       []int    `json:"extKeyUsages"`
	Extensions         []string `json:"extensions"`
	SubjectKeyIDBytes  int      `json:"subjectKeyIdBytes"`
	HasAuthorityKeyID  bool     `json:"hasAuthorityKeyId"`
	SerialFits         bool     `json:"serialFits"`
}

// factsOf fails when Talos cannot read the key, or when it does not belong to the certificate.
func factsOf(pair *crypto.PEMEncodedCertificateAndKey) (certificateFacts, error) {
	certificate, err := pair.GetCert()
	if err != nil {
		return certificateFacts{}, err
	}

	key, err := pair.GetKey()
	if err != nil {
		return certificateFacts{}, err
	}

	if err = belongTogether(certificate, key); err != nil {
		return certificateFacts{}, err
	}

	block, _ := pem.Decode(pair.Key)

	usages := []int{}
	for _, usage := range certificate.ExtKeyUsage {
		usages = append(usages, int(usage))
	}

	extensions := []string{}

	for _, extension := range certificate.Extensions {
		text := extension.Id.String()
		if extension.Critical {
			text += " critical"
		}

		extensions = append(extensions, text)
	}

	slices.Sort(extensions)

	public := certificate.PublicKeyAlgorithm.String()
	if ec, ok := certificate.PublicKey.(*ecdsa.PublicKey); ok {
		public += " " + ec.Params().Name
	}

	return certificateFacts{
		Subject:            certificate.Subject.String(),
		Issuer:             certificate.Issuer.String(),
		SignatureAlgorithm: certificate.SignatureAlgorithm.String(),
		PublicKey:          public,
		KeyLabel:           block.Type,
		IsCA:               certificate.IsCA,
		Seconds:            certificate.NotAfter.Sub(certificate.NotBefore).Round(time.Second).Seconds(),
		KeyUsage:           int(certificate.KeyUsage),
		ExtKeyUsages:       usages,
		Extensions:         extensions,
		SubjectKeyIDBytes:  len(certificate.SubjectKeyId),
		HasAuthorityKeyID:  len(certificate.AuthorityKeyId) > 0,
		SerialFits:         certificate.SerialNumber.Sign() > 0 && certificate.SerialNumber.BitLen() <= 128,
	}, nil
}

func belongTogether(certificate *x509.Certificate, key any) error {
	signer, ok := key.(gocrypto.Signer)
	if !ok {
		return errors.New("the key does not sign")
	}

	if public, ok := signer.Public().(interface {
		Equal(other gocrypto.PublicKey) bool
	}); !ok || !public.Equal(certificate.PublicKey) {
		return errors.New("the key is not of this certificate")
	}

	return nil
}

// verifyClient says whether a server that trusts these authorities takes the certificate from a client now.
func verifyClient(certificate *x509.Certificate, authorities []byte) error {
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(authorities) {
		return errors.New("the CA is not PEM")
	}

	_, err := certificate.Verify(x509.VerifyOptions{
		Roots:     roots,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})

	return err
}

func pairOf(crt, key []byte) *crypto.PEMEncodedCertificateAndKey {
	return &crypto.PEMEncodedCertificateAndKey{Crt: crt, Key: key}
}
