-- For wrk: PUT of 4 KiB, each to a key of its own below a path. Called with the path, and with headers as NAME=VALUE.

local path, headers, number = "", {}, 0
local body = string.rep("\0", 4096)

function init(arguments)
   path = arguments[1]
   for place = 2, #arguments do
      local name, value = arguments[place]:match("^([^=]+)=(.*)$")
      headers[name] = value
   end
end

function request()
   number = number + 1
   return wrk.format("PUT", path .. "/" .. string.format("%06d", number), headers, body)
end
