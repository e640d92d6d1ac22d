package cytube

import (
	"slices"
	"strings"

	"playbill/core/channel"
)

// room is who is there.
type room struct {
	known  bool // a whole list of users came on this connection
	people map[channel.UserKey]channel.User
	list   []channel.User // people as a state has them; nil: build it again
}

// replace takes in a whole list of users. When they chatted last is kept.
func (r *room) replace(users []wireUser) {
	before := r.people
	r.known, r.people, r.list = true, make(map[channel.UserKey]channel.User, len(users)), nil
	for _, u := range users {
		r.put(u.user(), before[channel.Fold(u.Name)].LastChatMS)
	}
}

func (r *room) put(u channel.User, lastChatMS int64) {
	if u.Key == "" {
		return // somebody without a name
	}
	u.LastChatMS = lastChatMS
	if r.people == nil {
		r.people = map[channel.UserKey]channel.User{}
	}
	r.people[u.Key], r.list = u, nil
}

func (r *room) leave(name string) {
	delete(r.people, channel.Fold(name))
	r.list = nil
}

// change changes one person, if they are there.
func (r *room) change(name string, do func(u *channel.User)) {
	key := channel.Fold(name)
	u, ok := r.people[key]
	if !ok {
		return
	}
	do(&u)
	r.people[key], r.list = u, nil
}

// users are the people by name, nil while they are not known. Never changed afterwards.
func (r *room) users() []channel.User {
	if !r.known {
		return nil
	}
	if r.list == nil {
		r.list = make([]channel.User, 0, len(r.people))
		for _, u := range r.people {
			r.list = append(r.list, u)
		}
		slices.SortFunc(r.list, func(a, b channel.User) int { return strings.Compare(string(a.Key), string(b.Key)) })
	}
	return r.list
}
