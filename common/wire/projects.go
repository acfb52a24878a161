package wire

import (
	"context"
	"net/url"
)

// ProjectDetail is one project with its definition.
type ProjectDetail struct {
	Project
	Department string `json:"department,omitempty"`
	Enabled    int    `json:"enabled"` // of its tasks
	Definition any    `json:"definition"`
	YAML       string `json:"yaml"`
}

// ProjectPage returns a page of projects with what holds them.
func (c *Client) ProjectPage(ctx context.Context, cursor string, limit int) (ProjectList, error) {
	var list ProjectList
	err := c.get(ctx, "/projects", params("cursor", cursor, "limit", number(int64(limit))), &list)
	return list, err
}

// Projects lists all projects with what holds them.
func (c *Client) Projects(ctx context.Context) (ProjectList, error) {
	all := ProjectList{Items: []Project{}}
	for cursor := ""; ; {
		page, err := c.ProjectPage(ctx, cursor, 500)
		if err != nil {
			return all, err
		}
		all.Items = append(all.Items, page.Items...)
		if cursor = page.Next; cursor == "" || len(page.Items) == 0 {
			return all, nil
		}
	}
}

// Project returns one project.
func (c *Client) Project(ctx context.Context, name string) (ProjectDetail, error) {
	var detail ProjectDetail
	err := c.get(ctx, "/projects/"+url.PathEscape(name), nil, &detail)
	return detail, err
}

// DeleteProject deletes a project that has no tasks.
func (c *Client) DeleteProject(ctx context.Context, name, reason string) (CommandReply, error) {
	var reply CommandReply
	err := c.post(ctx, "/projects/"+url.PathEscape(name)+"/delete", ReasonRequest{Reason: reason}, &reply)
	return reply, err
}
