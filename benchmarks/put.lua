-- For wrk: PUT of 4 KiB, each to a key of its own below a path. Called with the path, and with headers as NAME=VALUE.
-- Each body begins with its key: of equal ones a store keeps but one, and nobody's files are all alike.

local path, headers, number = "", {}, 0
local size = 4096

function init(arguments)
   path = arguments[1]
   for place = 2, #arguments do
      local name, value = arguments[place]:match("^([^=]+)=(.*)$")
      headers[name] = value
   end
end

function request()
   number = number + 1
   local key = path .. "/" .. string.format("%06d", number)
   return wrk.format("PUT", key, headers, key .. string.rep("\0", size - #key))
end
