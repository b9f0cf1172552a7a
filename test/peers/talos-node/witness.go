package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// witness writes every request as Go has understood it to standard output, one line of JSON each.
type witness struct {
	lock sync.Mutex
	// Calls whose caller has said that this was all.
	whole []string
}

// summarize writes a line for each stream of a caller that came to its end, and not only to an end.
func (w *witness) summarize() error {
	w.lock.Lock()
	defer w.lock.Unlock()

	for _, call := range w.whole {
		if err := json.NewEncoder(os.Stdout).Encode(struct {
			Call    string `json:"call"`
			IsWhole bool   `json:"isWhole"`
		}{call, true}); err != nil {
			return err
		}
	}

	return nil
}

func (w *witness) tell(ctx context.Context, call string, message any) {
	asked, isMessage := message.(proto.Message)
	if !isMessage {
		return
	}

	text, err := protojson.Marshal(asked)
	if err != nil {
		panic(err)
	}

	incoming, _ := metadata.FromIncomingContext(ctx)

	w.lock.Lock()
	defer w.lock.Unlock()

	err = json.NewEncoder(os.Stdout).Encode(struct {
		Call    string          `json:"call"`
		Node    []string        `json:"node,omitempty"`
		Request json.RawMessage `json:"request"`
	}{call, incoming.Get("node"), text})
	if err != nil {
		panic(err)
	}
}

func (w *witness) unary(ctx context.Context, request any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	w.tell(ctx, info.FullMethod, request)

	return next(ctx, request)
}

func (w *witness) stream(server any, stream grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error {
	return next(server, &witnessed{ServerStream: stream, witness: w, call: info.FullMethod})
}

type witnessed struct {
	grpc.ServerStream
	witness *witness
	call    string
}

func (s *witnessed) RecvMsg(message any) error {
	if err := s.ServerStream.RecvMsg(message); err != nil {
		if errors.Is(err, io.EOF) {
			s.witness.lock.Lock()
			defer s.witness.lock.Unlock()

			s.witness.whole = append(s.witness.whole, s.call)
		}

		return err
	}

	s.witness.tell(s.Context(), s.call, message)

	return nil
}
