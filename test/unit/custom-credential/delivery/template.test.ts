import { describe, expect, it } from 'vitest'
import { mentionsPrevious, render, Unrenderable } from '../../../../src/custom-credential/delivery/template.ts'
import { templateProblem } from '../../../../src/custom-credential/delivery/template-problem.ts'

const now = { username: 'ada', password: 'p@ss w/ö+' }
const before = { username: 'bob', password: 'old' }
const outputs = [{ name: 'username', required: true }, { name: 'password', required: true }, { name: 'port' }]

const text = (template: string, values = {}, previous?: typeof before): string | undefined =>
  render({ key: template }, { ...now, ...values }, previous)['key']

describe('a text of the target Secret', () => {
  it.each([
    ['is its own words', 'plain', 'plain'],
    ['has the outputs in it as they are', '<{{ password }}>', '<p@ss w/ö+>'],
    [
      'makes a connection URL',
      'postgres://{{ username }}:{{ password | url_encode | replace: "+", "%20" }}@db:5432/orders',
      'postgres://ada:p%40ss%20w%2F%C3%B6%2B@db:5432/orders',
    ],
    ['encodes in base64', '{{ username | append: ":x" | base64_encode }}', 'YWRhOng='],
    ['quotes for JSON', '{"password": {{ "a\\"b" | json }}}', '{"password": "a\\"b"}'],
    ['chooses', '{% if username == "ada" %}A{% elsif username == "bob" %}B{% else %}C{% endif %}', 'A'],
    ['chooses among many', '{% case username %}{% when "bob" %}B{% when "ada" %}A{% endcase %}', 'A'],
    ['has defaults', '{{ port | default: "5432" }}', '5432'],
    ['keeps braces that are raw', '{% raw %}{{ password }}{% endraw %}', '{{ password }}'],
    ['leaves comments out', 'a{% comment %}{{ password }}{% endcomment %}b', 'ab'],
    ['has no previous version at first', '{% if previous %}{{ previous.password }}{% else %}none{% endif %}', 'none'],
  ])('%s', (_, template, made) => {
    expect(text(template)).toBe(made)
  })

  it('has the previous version where there is one', () => {
    expect(
      text('{{ password }}{% if previous %},{{ previous.password }}{% endif %}', { password: 'new' }, before),
    ).toBe('new,old')
  })

  it.each([
    ['It is {{ previous.password }}', true],
    ['{% if previous %}', true],
    ['{{ password }} {{ previously }}', false],
  ])('speaks of the previous version or not: %s', (template, does) => {
    expect(mentionsPrevious({ key: template })).toBe(does)
  })
})

describe('a text that can not be rendered is found before there is a version:', () => {
  const problem = (template: string) => templateProblem({ url: template }, outputs)

  it.each([
    [
      'an unknown output',
      '{{ usrname }}',
      "usrname is not among the provider's outputs, which are username, password, port",
    ],
    [
      'an unknown output of the previous version',
      '{% if previous %}{{ previous.pass }}{% endif %}',
      'previous.pass is not',
    ],
    ['a part of an output', '{{ password.hash }}', 'password.hash is not'],
    [
      'an output by a name that is a value',
      '{% if previous %}{{ previous[username] }}{% endif %}',
      'previous.username is not',
    ],
    ['a variable by a name that is a value', '{{ [username] }}', 'a name in brackets can not be made of a value'],
    ['an optional output that is taken for granted', '{{ port }}', 'port need not be among the outputs'],
    ['a previous version that is taken for granted', '{{ previous.password }}', 'ask for it with {% if previous %}'],
    ['a loop', '{% for c in password %}{{ c }}{% endfor %}', 'tag "for" not found, line:1, col:1. The tags are if,'],
    ['an assignment', '{% assign a = password %}', 'tag "assign" not found'],
    ['a capture', '{% capture a %}{% endcapture %}', 'tag "capture" not found'],
    ['a counter', '{% increment a %}', 'tag "increment" not found'],
    ['an include', '{% include "/etc/passwd" %}', 'tag "include" not found'],
    ['a part', '{% render "part" %}', 'tag "render" not found'],
    ['a layout', '{% layout "page" %}', 'tag "layout" not found'],
    ['many tags in one', '{% liquid assign a = 1 %}', 'tag "liquid" not found'],
    ['a tag by the name of what every object has', '{% constructor %}', 'tag "constructor" not found'],
    ['an unknown filter', '{{ password | rot13 }}', 'undefined filter: rot13, line:1, col:1. The filters are append,'],
    ['a filter that draws lots', '{{ password | split: "" | sample }}', 'undefined filter: sample'],
    ['a filter that tells the time', '{{ "now" | date: "%Y" }}', 'undefined filter: date'],
    ['a filter that evaluates', '{{ password | split: "" | where_exp: "c", "c" }}', 'undefined filter: where_exp'],
    ['an output that is not closed', 'postgres://{{ username', 'output "{{ username" not closed'],
    ['a tag that is not closed', '{% if username %}', 'tag {% if username %} not closed'],
    ['an end without a beginning', '{% endif %}', 'tag "endif" not found'],
  ])('%s', (_, template, why) => {
    expect(problem(template)).toContain(`spec.target.template: url: `)
    expect(problem(template)).toContain(why)
  })

  it.each([
    ['what is promised', '{{ username }}:{{ password }}'],
    ['what is asked for', '{% if port %}:{{ port }}{% endif %}'],
    ['the size of an output', '{{ password.size }}'],
    ['the previous version, where it is asked for', '{% if previous %}{{ previous.password }}{% endif %}'],
    ['the previous version, by a default', '{{ previous.password | default: password }}'],
    ['the previous version, unless there is none', '{% unless previous %}first{% endunless %}'],
  ])('but not %s', (_, template) => {
    expect(problem(template)).toBeUndefined()
  })

  it.each([
    ['texts', 'a'.repeat(16_384), 'its texts have more than 65536 characters together'],
    ['outputs', '{{password}}'.repeat(85), 'its outputs and tags have more than 4096 characters together'],
    ['tags', '{% if username %}{% endif %}'.repeat(36), 'its outputs and tags have more than 4096 characters together'],
  ])('more %s than are looked at in one go', (_, text, why) => {
    const four = { a: text, b: text, c: text, d: text }
    expect(templateProblem(four, outputs)).toBeUndefined()
    expect(templateProblem({ ...four, e: text }, outputs)).toContain(why)
  })

  it('without a schema the names are not looked at', () => {
    expect(templateProblem({ url: '{{ usrname }}' }, undefined)).toBeUndefined()
    expect(templateProblem({ url: '{% for %}' }, undefined)).toContain('tag "for" not found')
  })

  it('a schema that has changed is looked at anew', () => {
    const template = { url: '{{ host }}' }
    expect(templateProblem(template, outputs)).toContain('host')
    expect(templateProblem(template, [...outputs, { name: 'host', required: true }])).toBeUndefined()
  })
})

describe('a version that can not be rendered names the key, and no value:', () => {
  const long = 'secret'.repeat(15_000)

  it.each([
    ['an output that is not there', '{{ port }}', {}, 'does not have'],
    ['an output by the name that is a value', '{{ [password] }}', { password: 'secret' }, 'does not have'],
    ['text that is no base64', '{{ password | base64_decode }}', { password: 'secret!' }, 'a filter can not do'],
    ['text that is no URL', '{{ password | url_decode }}', { password: 'secret%' }, 'a filter can not do'],
    [
      'a filter that grows without end',
      `{{ password${' | replace: "s", password'.repeat(20)} }}`,
      { password: 'secrets' },
      'more than',
    ],
    ['a chain without end', `{{ password${' | url_encode'.repeat(300)} }}`, { password: long }, 'more than'],
    [
      'a text that grows without end',
      '{{ password }}'.repeat(1_000),
      { password: long },
      'more than a Secret can hold',
    ],
  ])('%s', (_, template, values, why) => {
    const act = () => text(template, values)
    expect(act).toThrow(Unrenderable)
    expect(act).toThrow(why)
    expect(act).toThrow('spec.target.template: key: ')
    try {
      act()
    } catch (error) {
      expect(`${(error as Error).stack ?? ''} ${JSON.stringify(error)}`).not.toContain('secret')
      expect((error as Error).cause).toBeUndefined()
    }
  })

  it('keys that are too large together', () => {
    const half = { a: '{{ password }}', b: '{{ password }}' }
    expect(() => render(half, { password: 'x'.repeat(600_000) }, undefined)).toThrow('b: what it makes is more than')
  })
})
