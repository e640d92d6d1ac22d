package control

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"syscall"
	"time"

	"playbill/core/ledger"
)

// Client is the Desk of a running host. It is for one command: one request at a time.
type Client struct {
	conn  net.Conn
	lines *bufio.Scanner
}

// Dial reaches the host that runs on a data directory. ErrNoHost when none listens there.
func Dial(ctx context.Context, dataDir string) (*Client, error) {
	path, err := socketPath(dataDir)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, dialWait)
	defer cancel()
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", path)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED): // no socket, or one that a killed host left behind
		return nil, ErrNoHost
	case errors.Is(err, os.ErrPermission):
		return nil, fmt.Errorf("the control socket %s belongs to another user: run this command as the user that runs the host", path)
	case err != nil:
		return nil, fmt.Errorf("reach the running host: %w", err)
	}
	lines := bufio.NewScanner(conn)
	lines.Buffer(make([]byte, 0, 4096), replyBytesMax)
	return &Client{conn: conn, lines: lines}, nil
}

// Close ends the connection.
func (c *Client) Close() error { return c.conn.Close() }

// Grant implements Desk.
func (c *Client) Grant(ctx context.Context, g Grant) (Granted, error) {
	r, err := c.ask(ctx, request{Do: doGrant, Grant: &g})
	if err != nil || r.Granted == nil {
		return Granted{}, incomplete(err)
	}
	return *r.Granted, nil
}

// Import implements Desk.
func (c *Client) Import(ctx context.Context, i Import) (ledger.Imported, error) {
	r, err := c.ask(ctx, request{Do: doImport, Import: &i})
	if err != nil || r.Imported == nil {
		return ledger.Imported{}, incomplete(err)
	}
	return *r.Imported, nil
}

// Backup implements Desk.
func (c *Client) Backup(ctx context.Context, file string) error {
	_, err := c.ask(ctx, request{Do: doBackup, File: file})
	return err
}

// CreateToken implements Desk.
func (c *Client) CreateToken(ctx context.Context, n NewToken) (string, error) {
	r, err := c.ask(ctx, request{Do: doCreate, Token: &n})
	if err != nil || r.Secret == "" {
		return "", incomplete(err)
	}
	return r.Secret, nil
}

// RevokeToken implements Desk.
func (c *Client) RevokeToken(ctx context.Context, name string) error {
	_, err := c.ask(ctx, request{Do: doRevoke, Name: name})
	return err
}

// Verify implements Desk.
func (c *Client) Verify(ctx context.Context) (ledger.Totals, error) {
	r, err := c.ask(ctx, request{Do: doVerify})
	if err != nil || r.Totals == nil {
		return ledger.Totals{}, incomplete(err)
	}
	return *r.Totals, nil
}

// Plugins implements Desk.
func (c *Client) Plugins(ctx context.Context) ([]Plugin, error) {
	r, err := c.ask(ctx, request{Do: doList})
	return r.Plugins, err
}

// Room implements Desk.
func (c *Client) Room(ctx context.Context) (Room, error) {
	r, err := c.ask(ctx, request{Do: doRoom})
	if err != nil || r.Room == nil {
		return Room{}, incomplete(err)
	}
	return *r.Room, nil
}

// incomplete is err, or says that a reply without an error lacks what was asked for.
func incomplete(err error) error {
	if err != nil {
		return err
	}
	return errors.New("the host's answer cannot be understood: use the playbill of the same version as the host")
}

// ask sends one request and waits for its reply, until ctx ends or askWait is over.
func (c *Client) ask(ctx context.Context, q request) (reply, error) {
	_ = c.conn.SetDeadline(time.Now().Add(askWait)) // fails only on a closed connection, as the write then does
	stop := context.AfterFunc(ctx, func() { _ = c.conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	line, err := json.Marshal(q)
	if err != nil {
		return reply{}, fmt.Errorf("write the request: %w", err)
	}
	if _, err := c.conn.Write(append(line, '\n')); err != nil {
		return reply{}, lost(ctx, err)
	}
	if !c.lines.Scan() {
		return reply{}, lost(ctx, c.lines.Err())
	}
	var r reply
	if err := json.Unmarshal(c.lines.Bytes(), &r); err != nil {
		return reply{}, incomplete(nil)
	}
	return r, r.err()
}

// lost says what a missing reply means for whoever asked.
func lost(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Errorf("the running host did not answer within %s; what was asked may still happen", askWait)
	case err == nil:
		return errors.New("the running host ended before it answered; run the command again, what was done is not done twice")
	}
	return fmt.Errorf("the connection to the running host broke; run the command again: %w", err)
}
